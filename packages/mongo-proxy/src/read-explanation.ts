import type { ReadConcern, ReadPreference, TagSet, Timestamp } from 'mongodb';
import type { Contact } from './answering-member.ts';
import { estimateStaleness } from './staleness.ts';

/** Which member answered a read, and how old the answer may be. */
export interface ReadExplanation {
  /** `host:port` of the member that was asked last, and answered. */
  readonly server: string;
  /** As the client knew it when it asked; `other` is a standalone server, a router, or unknown. */
  readonly kind: 'primary' | 'secondary' | 'other';
  readonly readPreference: {
    readonly mode: ReadPreference['mode'];
    readonly tags?: readonly TagSet[];
    readonly maxStalenessSeconds?: number;
  };
  /** Undefined for the server's default. */
  readonly readConcern: string | undefined;
  /** The logical time at which it was answered; undefined where the server tells none. */
  readonly operationTime: Timestamp | undefined;
  /**
   * Milliseconds by which the answer may lie behind the primary: an estimate made from the last
   * heartbeats, with the time between heartbeats added (server-selection.md). 0 for a primary;
   * undefined for routers and direct connections to one member.
   */
  readonly stalenessMS: number | undefined;
}

/** What is gathered while a read runs. */
export interface ReadRecord {
  contact?: Contact;
  operationTime?: Timestamp | undefined;
  readPreference: ReadPreference;
  readConcern: ReadConcern | undefined;
  isAnswered: boolean;
}

const records = new WeakMap<object, ReadRecord>();

/** Lets `explainRead` know of a read by what its caller gets. */
export function recordRead(read: object, record: ReadRecord): void {
  records.set(read, record);
}

/**
 * Tells which member answered a read of a `fresh` collection, and how old the answer may be.
 *
 * `read` is the very promise or cursor that the read returned, once it has answered: the promise
 * is fulfilled, the cursor has given its first document or its end. A cursor is explained by the
 * request that opened it; later batches come from the same member.
 *
 * The kind and the staleness are what the client knew from its last heartbeats. A primary that was
 * deposed a moment ago counts as a primary here: only `latest` rules it out.
 *
 * @throws {TypeError} for anything but such a read, and while it is unanswered or when it failed
 * @example
 * const reading = fresh(accounts, { maxStalenessSeconds: 120 }).findOne({ _id: 'ada' });
 * await reading;
 * explainRead(reading).kind; // => 'secondary'
 */
export function explainRead(read: object): ReadExplanation {
  const record = records.get(read);
  if (record === undefined) {
    throw new TypeError(
      'not a read of a fresh collection: give the promise or the cursor itself, not a promise made from it or its result',
    );
  }
  const { contact, isAnswered, readPreference, readConcern, operationTime } = record;
  if (!isAnswered || contact === undefined) {
    throw new TypeError('the read has not been answered: await it first; one that failed never is');
  }
  const { address, topology } = contact;
  const { mode, tags, maxStalenessSeconds } = readPreference;
  return {
    server: address,
    kind: kindOf(topology?.servers.get(address)?.type),
    readPreference: {
      mode,
      ...(tags !== undefined && { tags }),
      ...(maxStalenessSeconds !== undefined && { maxStalenessSeconds }),
    },
    readConcern: readConcern?.level,
    operationTime,
    stalenessMS: topology && estimateStaleness(topology, address),
  };
}

function kindOf(type: string | undefined): ReadExplanation['kind'] {
  if (type === 'RSPrimary') return 'primary';
  return type === 'RSSecondary' ? 'secondary' : 'other';
}
