import type { ReplicaSetErrorCode } from '@holdfast/replica-set';
import { DeskError } from '../desk-error.ts';

const troubles: ReadonlySet<ReplicaSetErrorCode> = new Set([
  'data-newer',
  'data-damaged',
  'data-unreadable',
  'data-lost',
  'members-changed',
]);

/** What a set that does not start says of its files, as the user is told; any other error as it is. */
export function fileTrouble(error: Error & { code?: unknown }): Error {
  const isTrouble = troubles.has(error.code as ReplicaSetErrorCode);
  return isTrouble ? new DeskError('data', error.message, undefined, { cause: error }) : error;
}
