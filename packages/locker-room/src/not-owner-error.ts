import { LockerRoomError } from './locker-room-error.ts';

/** A release by someone who is no longer the owner; whoever holds the lock now keeps it. */
export class NotOwnerError extends LockerRoomError {
  override readonly name = 'NotOwnerError';
  readonly code = 'not-owner';
  readonly owner: string;
  /** The token the release was tried with. */
  readonly token: bigint;
  /** The token granted last: higher, or 0 when the lock's document is gone. */
  readonly latestToken: bigint;

  constructor(lock: string, owner: string, token: bigint, latestToken: bigint) {
    super(
      lock,
      `${owner} may not release it with token ${token}: ` +
        `its lease ended or it was broken, and token ${latestToken} was granted since`,
    );
    this.owner = owner;
    this.token = token;
    this.latestToken = latestToken;
  }
}
