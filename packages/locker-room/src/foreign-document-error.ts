import { inspect } from 'node:util';
import { LockerRoomError } from './locker-room-error.ts';

/** The collection holds something else than locks, so nothing was done; give locks one of their own. */
export class ForeignDocumentError extends LockerRoomError {
  override readonly name = 'ForeignDocumentError';
  readonly code = 'foreign-document';
  /** Database and collection, as `locker_room.locks`. */
  readonly namespace: string;
  /** The `_id` of one document that is not a lock's. */
  readonly id: unknown;

  constructor(namespace: string, id: unknown) {
    super(
      undefined,
      `the collection ${namespace} holds documents that are not locks, as the one with _id ${inspect(id)}: ` +
        'let the locker room have a collection of its own',
    );
    this.namespace = namespace;
    this.id = id;
  }
}
