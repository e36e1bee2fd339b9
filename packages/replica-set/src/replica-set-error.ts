/** Why a set could not do what it was told. Codes are stable; messages may be reworded. */
export type ReplicaSetErrorCode =
  | 'data-in-use'
  | 'port-in-use'
  | 'data-newer'
  | 'data-damaged'
  | 'data-unreadable'
  | 'data-lost'
  | 'members-changed'
  | 'no-primary'
  | 'command-failed'
  | 'member-failed';

/** What goes wrong around a set: starting it, breaking it, stopping it. Clients get MongoDB's own errors. */
export class ReplicaSetError extends Error {
  override readonly name = 'ReplicaSetError';
  readonly code: ReplicaSetErrorCode;

  constructor(code: ReplicaSetErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
