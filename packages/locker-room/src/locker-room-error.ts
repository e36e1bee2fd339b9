/**
 * Base of the errors of a locker room.
 *
 * Errors of the database (the driver's own, and mongo-proxy's when its patience ends) are not
 * wrapped. A wait ended by the caller's signal rejects with that signal's reason.
 */
export class LockerRoomError extends Error {
  override readonly name: string = 'LockerRoomError';
  /** Name of the lock; undefined when all of a collection are meant. */
  readonly lock: string | undefined;

  constructor(lock: string | undefined, message: string) {
    super(lock === undefined ? message : `lock "${lock}": ${message}`);
    this.lock = lock;
  }
}
