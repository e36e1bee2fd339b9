export type { MemberOptions, TagCounts } from './member-settings.ts';
export { ReplicaSet } from './replica-set.ts';
export { ReplicaSetError, type ReplicaSetErrorCode } from './replica-set-error.ts';
export type { CommandFailure, Member, ReplicaSetOptions } from './replica-set-options.ts';
