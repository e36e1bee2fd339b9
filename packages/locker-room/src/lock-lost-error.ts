import { LockerRoomError } from './locker-room-error.ts';

/** Why a lock is no longer held. Codes are stable; messages may be reworded. */
export type LockLostCode = 'lease-over' | 'superseded' | 'released' | 'closed';

const sentences: Record<LockLostCode, string> = {
  'lease-over': 'the lease could not be renewed in time',
  superseded: 'it was ended or granted to somebody else',
  released: 'it was released',
  closed: 'its locker room was closed',
};

/**
 * The lock is no longer held, so work under it must stop.
 *
 * It is the reason of `lock.signal`, and what `extend` and fenced writes throw.
 */
export class LockLostError extends LockerRoomError {
  override readonly name = 'LockLostError';
  readonly code: LockLostCode;
  /** The token the lock was held with. */
  readonly token: bigint;

  constructor(lock: string, token: bigint, code: LockLostCode) {
    super(lock, `no longer held with token ${token}: ${sentences[code]}`);
    this.code = code;
    this.token = token;
  }
}
