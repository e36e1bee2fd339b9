/**
 * Base of the errors a lock can end in.
 *
 * Errors of the database (the driver's own, and mongo-proxy's when its patience ends) are not
 * wrapped. A wait ended by the caller's signal rejects with that signal's reason.
 */
export class LockerRoomError extends Error {
  override readonly name: string = 'LockerRoomError';
  /** Name of the lock. */
  readonly lock: string;

  constructor(lock: string, message: string) {
    super(`lock "${lock}": ${message}`);
    this.lock = lock;
  }
}
