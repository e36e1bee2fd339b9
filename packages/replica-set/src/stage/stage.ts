/** What a stage of an aggregation pipeline is, and where it may stand. */
import { type BsonDocument, type BsonValue, isDocument } from '../bson-document.ts';
import { typeName } from '../bson-order.ts';
import type { Collator } from '../collator.ts';
import type { CommandContext } from '../command.ts';
import type { ExpressionScope, VariableScope } from '../expression.ts';
import type { Flow } from '../pause.ts';
import { ServerError } from '../server-error.ts';

/** What a stage sees beside its documents. */
export interface StageScope extends ExpressionScope {
  readonly collator?: Collator | undefined;
  /** Reads through a pipeline from a collection, or from none, of the same data. Not there in updates and change streams. */
  readonly read?: (
    namespace: string | undefined,
    pipeline: Pipeline,
    variables: ExpressionScope['variables'],
  ) => Flow<BsonDocument>;
  /** True when an index leads to the documents of a collection by what they have at a path. */
  readonly isIndexed?: (namespace: string, path: string) => boolean;
  /** False when a stage that has to hold more than its share of documents is to fail (292). */
  readonly allowDiskUse?: boolean;
}

/** Turns documents into others, each pulled when the next one is asked for; passes pauses on. Documents are never changed in place. */
export type StageRun = (documents: Flow<BsonDocument>, scope: StageScope) => Flow<BsonDocument>;

/** What a pipeline is part of. */
export type Place = 'command' | 'facet' | 'lookup' | 'union' | 'changeStream';

/** Where a stage may not stand; `transaction`: in any pipeline of one. */
export type Forbidden = Exclude<Place, 'command'> | 'transaction';

/** What is known where a stage is compiled; of the variables their names, not yet what they are. */
export interface StageSurroundings extends VariableScope {
  readonly database: string;
  readonly place: Place;
  /** Compiles a pipeline that is part of this stage, with the variables around it, or with others. */
  readonly inner: (stages: readonly BsonValue[], place: Place, around?: VariableScope) => Pipeline;
}

/** A stage that changes what another one gives. */
export interface StageDefinition {
  readonly compile: (operand: BsonValue, surroundings: StageSurroundings) => StageRun;
  /** Where it may not stand. */
  readonly notIn?: readonly Forbidden[];
}

/** A stage that stands first and gives documents of its own, instead of a collection's. */
export interface SourceDefinition {
  /** Checks the operand; what it gives reads. */
  readonly source: (operand: BsonValue, around: VariableScope) => ReadSource;
  /** True for one that is asked for by `{ aggregate: 1 }`. */
  readonly collectionless: boolean;
  readonly notIn?: readonly Forbidden[];
}

/** A stage as it is in a pipeline. */
export interface Stage {
  readonly name: string;
  readonly operand: BsonValue;
  readonly run: StageRun;
}

export interface Pipeline {
  /** The stage that gives the documents instead of a collection. */
  readonly source: { readonly name: string; readonly read: ReadSource } | undefined;
  readonly stages: readonly Stage[];
}

/** The documents of a stage that stands first, read as they are taken. */
type ReadSource = (context: CommandContext, namespace: string) => Flow<BsonDocument>;

/** What comes out of the last stage when documents go into the first. */
export function runStages(
  stages: readonly Stage[],
  documents: Flow<BsonDocument>,
  scope: StageScope,
): Flow<BsonDocument> {
  return stages.reduce((flow, { run }) => run(flow, scope), documents);
}

/** The operand as the document it has to be; throws `code`. */
export function documentOperand(
  stage: string,
  operand: BsonValue,
  code: number,
  message: string = `the ${stage} stage specification must be an object, but found ${typeName(operand)}`,
): BsonDocument {
  if (isDocument(operand)) return operand;
  throw new ServerError(code, message);
}

/** The scope of one document. */
export function rooted<T extends ExpressionScope>(scope: T, root: BsonDocument): T {
  return { ...scope, root };
}

/** Throws 40415 for a field that a specification does not know. */
export function refuseUnknownFields(
  stage: string,
  spec: BsonDocument,
  known: ReadonlySet<string>,
): void {
  for (const name of spec.keys()) {
    if (!known.has(name)) {
      throw new ServerError(40415, `BSON field '${stage}.${name}' is an unknown field.`);
    }
  }
}

/** A field that a specification has to have; throws 40414. */
export function requiredField(stage: string, spec: BsonDocument, name: string): BsonValue {
  if (spec.has(name)) return spec.get(name);
  throw new ServerError(40414, `BSON field '${stage}.${name}' is missing but a required field`);
}

/** The error for a field of a specification that has another type than its own. */
export function wrongFieldType(
  stage: string,
  name: string,
  value: BsonValue,
  expected: string,
): ServerError {
  return new ServerError(
    14,
    `BSON field '${stage}.${name}' is the wrong type '${typeName(value)}', expected type '${expected}'`,
  );
}
