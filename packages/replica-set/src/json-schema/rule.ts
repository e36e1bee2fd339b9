/** The parts of a schema: each a keyword that can be asked, and can tell why it does not hold. */
import type { BsonDocument, BsonValue, EncodableDocument } from '../bson-document.ts';
import { isNumber, toDouble, typeName } from '../bson-order.ts';
import { ServerError } from '../server-error.ts';

export interface Rule {
  passes(value: BsonValue): boolean;
  /** Of a value that does not pass: what error 121 tells of it, in MongoDB's shape. */
  explain(value: BsonValue): EncodableDocument | readonly EncodableDocument[];
}

export interface Schema {
  passes(value: BsonValue): boolean;
  /** What error 121 tells of the rules that do not hold. */
  explain(value: BsonValue): EncodableDocument[];
  /** Its `title` and `description`. */
  readonly annotations: EncodableDocument;
}

/** What a keyword is read from. */
export interface KeywordContext {
  /** The schema that it stands in. */
  readonly schema: BsonDocument;
  /** Reads a schema within the schema. */
  readonly compile: (schema: BsonDocument) => Schema;
}

/** Reads a keyword; nothing when it rules out nothing. */
export type Keyword = (operand: BsonValue, context: KeywordContext) => Rule | undefined;

export function specifiedAs(name: string, operand: BsonValue): EncodableDocument {
  return { operatorName: name, specifiedAs: { [name]: operand } };
}

/** A rule on values of one kind; others pass. */
export function ruleOn<T extends BsonValue>(
  applies: (value: BsonValue) => value is T,
  passes: (value: T) => boolean,
  explain: (value: T) => EncodableDocument,
): Rule {
  return {
    passes: (value) => !applies(value) || passes(value),
    explain: (value) => (applies(value) ? explain(value) : []),
  };
}

export function mistyped(name: string, wanted: string): ServerError {
  return new ServerError(14, `$jsonSchema keyword '${name}' must be ${wanted}`);
}

/** A whole number from 0 on, as lengths and counts are given. */
export function countOf(name: string, operand: BsonValue): number {
  const refused = (what: string) =>
    new ServerError(9, `${what} in: ${name}: ${typeName(operand)} ${String(operand)}`);
  if (!isNumber(operand)) throw refused('Expected a number');
  const count = toDouble(operand);
  if (!Number.isInteger(count)) throw refused('Expected an integer');
  if (count < 0) throw refused('Expected a non-negative number');
  return count;
}
