/** The documents that a window moves over: those of one partition, in their order. */
import type { BsonDocument, BsonValue } from '../../bson-document.ts';
import type { StageScope } from '../stage.ts';

export interface Partition {
  readonly documents: readonly BsonDocument[];
  /** What of each document `sortBy` names, when that is a single field; null where it is not there. */
  readonly sortValues: readonly BsonValue[];
  readonly scope: StageScope;
}

/** Gives a value for each document of a partition. */
export type WindowFunction = (partition: Partition) => readonly BsonValue[];
