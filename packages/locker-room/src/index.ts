export type { FencedCollection } from './fenced-collection.ts';
export type { Lock } from './lock.ts';
export { LockLostError } from './lock-lost-error.ts';
export type { LockSet } from './lock-set.ts';
export type { LockHolder, LockStatus } from './lock-store.ts';
export { LockTimeoutError } from './lock-timeout-error.ts';
export type { Lockable, Locked, LockedDecorator } from './locked.ts';
export {
  LockerRoom,
  type LockerRoomOptions,
  type LockOptions,
  type Semaphore,
  type TryLockOptions,
} from './locker-room.ts';
export { LockerRoomError } from './locker-room-error.ts';
export { NotOwnerError } from './not-owner-error.ts';
