/** What all workloads are given, and what they give. */
import type { Db, MongoClient } from 'mongodb';
import type { Dice } from './dice.ts';
import type { Finding } from './finding.ts';
import type { History } from './history.ts';

/** Documents of the round by collection, as one member has them. */
export type Contents = ReadonlyMap<string, readonly Record<string, unknown>[]>;

/** A stretch of the soak with collections of its own, judged at its end. */
export interface Round {
  readonly number: number;
  /** Sends everything once: an error tells what it tells. */
  readonly client: MongoClient;
  /** Sends again by itself, as drivers do unless told otherwise. */
  readonly retryingClient: MongoClient;
  /** For sessions whose numbers a workload counts itself: the driver's would get in between. */
  readonly countingClient: MongoClient;
  readonly database: string;
  readonly history: History;
  readonly dice: Dice;
  /** True once writes that are sent until they are acknowledged are to be given up. */
  readonly over: () => boolean;
}

export interface Workload {
  readonly name: string;
  /** How many workers run it side by side. */
  readonly workers: number;
  /** What it promises, to be told in the report. */
  readonly promise: string;
  /** Makes its collections, while nothing is broken. */
  prepare(): Promise<void>;
  /** Carries out an operation or a few. Rejects only on a mistake of the soak's own. */
  work(worker: number): Promise<void>;
  /** Looks at the round's history, once all is healed and everybody has everything. */
  judge(contents: Contents): Finding[];
  close?(): Promise<void>;
}

export function databaseOf({ client, database }: Round): Db {
  return client.db(database);
}

export const majority = { writeConcern: { w: 'majority' } } as const;
