/** Expressions evaluated in tests, and their results told exactly, types included. */
import { Decimal128, Double, ObjectId, Timestamp } from 'bson';
import { decodeDocument } from '../../src/bson-decoder.ts';
import type {
  BsonDocument,
  BsonValue,
  Encodable,
  EncodableDocument,
} from '../../src/bson-document.ts';
import { encodeDocument } from '../../src/bson-encoder.ts';
import { typeName } from '../../src/bson-order.ts';
import type { ExpressionScope } from '../../src/expression/evaluator.ts';
import { compileExpression, missing } from '../../src/expression.ts';

export const clusterTime: Timestamp = new Timestamp({ t: 1, i: 2 });
export const now: Date = new Date('2026-01-01T00:00:00Z');

/** A document as it comes over the wire. */
export function bson(plain: EncodableDocument): BsonDocument {
  return decodeDocument(encodeDocument(plain));
}

/** A value as it comes over the wire. */
export function bsonValue(plain: Encodable): BsonValue {
  return bson({ value: plain }).get('value');
}

/** What an expression yields on a document, told with its types. */
export function evaluated(
  expression: Encodable,
  document: EncodableDocument = {},
  scope: Partial<ExpressionScope> = {},
): unknown {
  const evaluate = compileExpression(bsonValue(expression), scope);
  return told(evaluate({ now, clusterTime, root: bson(document), ...scope }));
}

/** A value with its type beside it, so that `1` and `1.0` are told apart. */
export function told(value: BsonValue | typeof missing): unknown {
  if (value === missing) return 'missing';
  if (value instanceof Map) {
    return Object.fromEntries(Array.from(value, ([name, field]) => [name, told(field)]));
  }
  if (Array.isArray(value)) return value.map(told);
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return value;
  return `${typeName(value)} ${shown(value)}`;
}

function shown(value: Exclude<BsonValue, null>): string {
  if (value instanceof Double) return String(value.value);
  if (Object.is(value, -0)) return '-0';
  if (value instanceof Date) return value.toISOString();
  if (value instanceof ObjectId) return value.toHexString();
  return String(value);
}

/** A case: the expression, what it yields, and the document on which, if it reads one. */
export type ValueCase = readonly [
  expression: Encodable,
  value: Encodable | typeof missing,
  document?: EncodableDocument,
];

/** A case that fails: the expression, MongoDB's code, and the document on which. */
export type FailureCase = readonly [
  expression: Encodable,
  code: number,
  document?: EncodableDocument,
];

export interface CaseTable {
  readonly values: readonly ValueCase[];
  readonly failures: readonly FailureCase[];
}

export const decimal = (text: string): Decimal128 => Decimal128.fromString(text);
/** A whole double. */
export const double = (value: number): Double => new Double(value);
export const date = (text: string): Date => new Date(text);
