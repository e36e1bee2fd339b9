/** `$jsonSchema`: JSON Schema of draft 4, with MongoDB's `bsonType` and without what it leaves out. */
import type { BsonDocument, BsonValue, EncodableDocument } from '../bson-document.ts';
import { ServerError } from '../server-error.ts';
import { additionalItems, items, maxItems, minItems, uniqueItems } from './array-keywords.ts';
import { allOf, anyOf, not, oneOf, oneOfValues } from './logical-keywords.ts';
import {
  additionalProperties,
  dependencies,
  maxProperties,
  minProperties,
  patternProperties,
  properties,
  required,
} from './object-keywords.ts';
import type { Keyword, Rule, Schema } from './rule.ts';
import {
  bsonType,
  exclusiveMaximum,
  exclusiveMinimum,
  maximum,
  maxLength,
  minimum,
  minLength,
  multipleOf,
  pattern,
  type,
} from './scalar-keywords.ts';

/** In the order in which an error tells of them. */
const keywords: ReadonlyMap<string, Keyword> = new Map<string, Keyword>([
  ['pattern', pattern],
  ['maxLength', maxLength],
  ['minLength', minLength],
  ['multipleOf', multipleOf],
  ['maximum', maximum],
  ['exclusiveMaximum', exclusiveMaximum],
  ['minimum', minimum],
  ['exclusiveMinimum', exclusiveMinimum],
  ['minItems', minItems],
  ['maxItems', maxItems],
  ['uniqueItems', uniqueItems],
  ['items', items],
  ['additionalItems', additionalItems],
  ['properties', properties],
  ['additionalProperties', additionalProperties],
  ['patternProperties', patternProperties],
  ['required', required],
  ['minProperties', minProperties],
  ['maxProperties', maxProperties],
  ['dependencies', dependencies],
  ['allOf', allOf],
  ['anyOf', anyOf],
  ['oneOf', oneOf],
  ['not', not],
  ['enum', oneOfValues],
  ['type', type],
  ['bsonType', bsonType],
]);

const remarks = ['title', 'description'];
/** Known to JSON Schema, and refused by MongoDB. */
const leftOut = new Set(['$ref', '$schema', 'default', 'definitions', 'format', 'id']);
const encryption = new Set(['encrypt', 'encryptMetadata']);

/**
 * Compiles a schema.
 *
 * @throws {ServerError} 9, 14, 2 for what is malformed or unknown, 238 for encryption
 */
export function compileJsonSchema(schema: BsonDocument): Schema {
  for (const [name, value] of schema) checkKeyword(name, value);
  if (schema.has('type') && schema.has('bsonType')) {
    throw new ServerError(9, "Cannot specify both $jsonSchema keywords 'type' and 'bsonType'");
  }
  const context = { schema, compile: compileJsonSchema };
  const rules: Rule[] = [];
  for (const [name, compile] of keywords) {
    const rule = schema.has(name) ? compile(schema.get(name), context) : undefined;
    if (rule !== undefined) rules.push(rule);
  }
  return {
    passes: (value) => rules.every((rule) => rule.passes(value)),
    explain: (value) => rules.flatMap((rule) => (rule.passes(value) ? [] : rule.explain(value))),
    annotations: annotationsOf(schema),
  };
}

function checkKeyword(name: string, value: BsonValue): void {
  if (keywords.has(name)) return;
  if (remarks.includes(name)) {
    if (typeof value === 'string') return;
    throw new ServerError(14, `$jsonSchema keyword '${name}' must be of type string`);
  }
  if (encryption.has(name)) {
    throw new ServerError(238, `the $jsonSchema keyword '${name}' is not supported`);
  }
  throw new ServerError(
    9,
    leftOut.has(name)
      ? `$jsonSchema keyword '${name}' is not currently supported`
      : `Unknown $jsonSchema keyword: ${name}`,
  );
}

function annotationsOf(schema: BsonDocument): EncodableDocument {
  return Object.fromEntries(
    remarks.filter((name) => schema.has(name)).map((name) => [name, schema.get(name)]),
  );
}
