/** What `$out` and `$merge` are given, checked. */
import { type BsonDocument, type BsonValue, isDocument } from '../bson-document.ts';
import { typeName } from '../bson-order.ts';
import { ServerError } from '../server-error.ts';
import { parseFieldPath } from './field-path.ts';
import { refuseUnknownFields, requiredField, wrongFieldType } from './stage.ts';

const knownInOut = new Set(['db', 'coll', 'timeseries']);

/** The namespace that `$out` writes. */
export function outTarget(given: BsonValue, database: string): string {
  if (typeof given === 'string') return targetNamespace('$out', database, given);
  if (!isDocument(given)) {
    throw new ServerError(
      16990,
      `$out only supports a string or object argument, but found ${typeName(given)}`,
    );
  }
  refuseUnknownFields('$out', given, knownInOut);
  if (given.has('timeseries')) {
    throw new ServerError(238, '$out into a time-series collection is not there');
  }
  const db = requiredField('$out', given, 'db');
  const coll = requiredField('$out', given, 'coll');
  if (typeof db !== 'string') throw wrongFieldType('$out', 'db', db, 'string');
  if (typeof coll !== 'string') throw wrongFieldType('$out', 'coll', coll, 'string');
  return targetNamespace('$out', db, coll);
}

const internalDatabases = new Set(['admin', 'config', 'local']);

/** Where a stage is to write; throws for a name that is none and for what belongs to the server. */
function targetNamespace(stage: '$out' | '$merge', database: string, coll: string): string {
  const namespace = `${database}.${coll}`;
  const isName = (name: string) => name !== '' && !name.includes('\0') && !name.startsWith('.');
  if (!isName(database) || !isName(coll) || database.includes('.') || coll.includes('$')) {
    throw new ServerError(73, `Invalid ${stage} target namespace: '${namespace}'`);
  }
  if (coll.startsWith('system.')) {
    throw new ServerError(
      stage === '$out' ? 17385 : 31319,
      `Cannot ${stage} to special collection: ${coll}`,
    );
  }
  if (internalDatabases.has(database)) {
    throw new ServerError(
      stage === '$out' ? 31321 : 31320,
      `Cannot ${stage} to internal database: ${database}`,
    );
  }
  return namespace;
}

type MatchedMode = 'replace' | 'keepExisting' | 'merge' | 'fail';
/** A mode, or the stages of an update. */
export type WhenMatched = MatchedMode | readonly BsonValue[];
type WhenNotMatched = 'insert' | 'discard' | 'fail';

export interface MergeSpec {
  readonly target: string;
  readonly on: readonly string[];
  readonly variables: BsonDocument | undefined;
  readonly whenMatched: WhenMatched;
  readonly whenNotMatched: WhenNotMatched;
}

const knownInMerge = new Set(['into', 'on', 'let', 'whenMatched', 'whenNotMatched']);

/** The operand of `$merge`, whose target is in `database` unless it says another. */
export function parseMerge(operand: BsonValue, database: string): MergeSpec {
  if (typeof operand !== 'string' && !isDocument(operand)) {
    throw new ServerError(
      14,
      `$merge requires a string or object argument, but found ${typeName(operand)}`,
    );
  }
  const spec = isDocument(operand) ? operand : new Map<string, BsonValue>([['into', operand]]);
  refuseUnknownFields('$merge', spec, knownInMerge);
  const target = mergeTarget(requiredField('$merge', spec, 'into'), database);
  const { on = '_id', whenMatched: matched = 'merge' } = Object.fromEntries(spec);
  const whenMatched = whenMatchedOf(matched);
  const whenNotMatched = oneOf('whenNotMatched', spec.get('whenNotMatched') ?? 'insert', [
    'insert',
    'discard',
    'fail',
  ]);
  const mode = typeof whenMatched === 'string' ? whenMatched : 'pipeline';
  if ((mode === 'keepExisting' || mode === 'fail') && whenNotMatched !== 'insert') {
    throw new ServerError(
      51181,
      `Combination of $merge modes 'whenMatched: ${mode}' and 'whenNotMatched: ${whenNotMatched}' is not supported`,
    );
  }
  const variables = spec.get('let') ?? undefined;
  if (variables !== undefined && !isDocument(variables)) {
    throw wrongFieldType('$merge', 'let', variables, 'object');
  }
  if (variables !== undefined && mode !== 'pipeline') {
    throw new ServerError(51199, `Cannot use 'let' variables with 'whenMatched: ${mode}' mode`);
  }
  if (variables?.has('new') && variables.get('new') !== '$$ROOT') {
    throw new ServerError(
      51273,
      "'let' may not define a value for the reserved 'new' variable other than '$$ROOT'",
    );
  }
  return { target, on: onFields(on), variables, whenMatched, whenNotMatched };
}

const knownInInto = new Set(['db', 'coll']);

function mergeTarget(into: BsonValue, database: string): string {
  if (typeof into === 'string') {
    if (into !== '') return targetNamespace('$merge', database, into);
    throw new ServerError(5786800, "$merge 'into' field cannot be an empty string");
  }
  if (!isDocument(into)) {
    throw new ServerError(
      51178,
      `$merge 'into' field  must be either a string or an object, but found ${typeName(into)}`,
    );
  }
  refuseUnknownFields('into', into, knownInInto);
  const db = into.get('db') ?? database;
  const coll = into.get('coll');
  if (typeof db !== 'string') throw wrongFieldType('into', 'db', db, 'string');
  if (coll === undefined || coll === null || coll === '') {
    throw new ServerError(
      5786801,
      "$merge 'into' field must specify a 'coll' that is not empty, null or undefined",
    );
  }
  if (typeof coll !== 'string') throw wrongFieldType('into', 'coll', coll, 'string');
  return targetNamespace('$merge', db || database, coll);
}

function onFields(on: BsonValue): readonly string[] {
  if (typeof on !== 'string' && !Array.isArray(on)) {
    throw new ServerError(
      51186,
      `$merge 'on' field  must be either a string or an array of strings, but found ${typeName(on)}`,
    );
  }
  const fields = Array.isArray(on) ? on : [on];
  if (fields.length === 0) {
    throw new ServerError(
      51187,
      "If explicitly specifying $merge 'on', must include at least one field",
    );
  }
  const names = fields.map((field) => {
    if (typeof field === 'string') return parseFieldPath(field).join('.');
    throw new ServerError(
      51134,
      `$merge 'on' array elements must be strings, but found ${typeName(field)}`,
    );
  });
  const twice = names.find((name, index) => names.indexOf(name) < index);
  if (twice !== undefined) throw new ServerError(31465, `Found a duplicate field '${twice}'`);
  return names;
}

function whenMatchedOf(given: BsonValue): WhenMatched {
  if (Array.isArray(given)) return given;
  if (typeof given !== 'string') {
    throw new ServerError(
      51191,
      `$merge 'whenMatched' field  must be either a string or an array, but found ${typeName(given)}`,
    );
  }
  return oneOf<MatchedMode>('whenMatched', given, ['replace', 'keepExisting', 'merge', 'fail']);
}

function oneOf<T extends string>(name: string, given: BsonValue, modes: readonly T[]): T {
  const mode = modes.find((each) => each === given);
  if (mode !== undefined) return mode;
  if (typeof given !== 'string') throw wrongFieldType('$merge', name, given, 'string');
  throw new ServerError(
    2,
    `Enumeration value '${given}' for field '${name}' is not a valid value.`,
  );
}
