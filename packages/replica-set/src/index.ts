export {
  type CommandFailure,
  type Member,
  ReplicaSet,
  type ReplicaSetOptions,
} from './replica-set.ts';
export { ReplicaSetError, type ReplicaSetErrorCode } from './replica-set-error.ts';
