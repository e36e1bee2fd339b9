import { BSONRegExp } from 'bson';
import { expect, test } from 'vitest';
import type { EncodableDocument } from '../src/bson-document.ts';
import { explainFailure } from '../src/validation-failure.ts';
import { documentFrom } from './plain-bson.ts';

const scope = { now: new Date(0) };
const bare = (value: unknown): unknown => {
  if (value instanceof Map) return bare(Object.fromEntries(value));
  if (Array.isArray(value)) return value.map(bare);
  if (typeof value !== 'object' || value === null || value instanceof BSONRegExp) return value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, bare(inner)]));
};
const explain = (validator: EncodableDocument, document: EncodableDocument) =>
  bare(explainFailure(documentFrom(validator), documentFrom(document), scope));

const leaf = (operatorName: string, specifiedAs: object, rest: object) => ({
  operatorName,
  specifiedAs,
  ...rest,
});

test.each<[EncodableDocument, EncodableDocument, object]>([
  [{ a: 1 }, { a: 2 }, leaf('$eq', { a: 1 }, { reason: 'comparison failed', consideredValue: 2 })],
  [{ a: 1 }, {}, leaf('$eq', { a: 1 }, { reason: 'field was missing' })],
  [
    { a: { $gt: 5 } },
    { a: [1, 2] },
    leaf('$gt', { a: { $gt: 5 } }, { reason: 'comparison failed', consideredValues: [1, 2] }),
  ],
  [
    { a: { $ne: 1 } },
    { a: 1 },
    leaf('$ne', { a: { $ne: 1 } }, { reason: 'comparison succeeded', consideredValue: 1 }),
  ],
  [
    { a: { $in: [1] } },
    { a: 2 },
    leaf(
      '$in',
      { a: { $in: [1] } },
      {
        reason: 'no matching value found in array',
        consideredValue: 2,
      },
    ),
  ],
  [
    { a: { $exists: true } },
    {},
    leaf('$exists', { a: { $exists: true } }, { reason: 'path does not exist' }),
  ],
  [
    { a: { $exists: false } },
    { a: 1 },
    leaf('$exists', { a: { $exists: false } }, { reason: 'path does exist' }),
  ],
  [
    { a: { $type: 'string' } },
    { a: 1 },
    leaf(
      '$type',
      { a: { $type: 'string' } },
      {
        reason: 'type did not match',
        consideredValue: 1,
        consideredType: 'int',
      },
    ),
  ],
  [
    { a: { $mod: [2, 1] } },
    { a: 'x' },
    leaf(
      '$mod',
      { a: { $mod: [2, 1] } },
      {
        reason: 'type did not match',
        consideredType: 'string',
        expectedTypes: ['decimal', 'double', 'int', 'long'],
        consideredValue: 'x',
      },
    ),
  ],
  [
    { a: { $size: 1 } },
    { a: [1, 2] },
    leaf(
      '$size',
      { a: { $size: 1 } },
      {
        reason: 'array length was not equal to given size',
        consideredValue: [1, 2],
      },
    ),
  ],
  [
    { a: { $not: { $gt: 1 } } },
    { a: 2 },
    {
      operatorName: '$not',
      details: leaf(
        '$gt',
        { a: { $gt: 1 } },
        {
          reason: 'comparison succeeded',
          consideredValue: 2,
        },
      ),
    },
  ],
  [
    { a: 1, b: 2 },
    { a: 1, b: 3 },
    {
      operatorName: '$and',
      clausesNotSatisfied: [
        {
          index: 1,
          details: leaf('$eq', { b: 2 }, { reason: 'comparison failed', consideredValue: 3 }),
        },
      ],
    },
  ],
  [
    { $or: [{ a: 1 }, { a: 2 }] },
    {},
    {
      operatorName: '$or',
      clausesNotSatisfied: [
        { index: 0, details: leaf('$eq', { a: 1 }, { reason: 'field was missing' }) },
        { index: 1, details: leaf('$eq', { a: 2 }, { reason: 'field was missing' }) },
      ],
    },
  ],
  [
    { $nor: [{ a: 1 }, { a: 2 }] },
    { a: 2 },
    {
      operatorName: '$nor',
      clausesSatisfied: [
        {
          index: 1,
          details: leaf('$eq', { a: 2 }, { reason: 'comparison succeeded', consideredValue: 2 }),
        },
      ],
    },
  ],
  [
    { $expr: { $gt: ['$a', 1] } },
    { a: 1 },
    leaf(
      '$expr',
      { $expr: { $gt: ['$a', 1] } },
      {
        reason: 'expression did not match',
        expressionResult: false,
      },
    ),
  ],
  [
    {
      $jsonSchema: {
        bsonType: 'object',
        title: 'Student',
        required: ['name'],
        properties: { gpa: { bsonType: 'double', description: 'a double' } },
      },
    },
    { gpa: 3 },
    {
      operatorName: '$jsonSchema',
      title: 'Student',
      schemaRulesNotSatisfied: [
        {
          operatorName: 'properties',
          propertiesNotSatisfied: [
            {
              propertyName: 'gpa',
              description: 'a double',
              details: [
                leaf(
                  'bsonType',
                  { bsonType: 'double' },
                  {
                    reason: 'type did not match',
                    consideredValue: 3,
                    consideredType: 'int',
                  },
                ),
              ],
            },
          ],
        },
        leaf('required', { required: ['name'] }, { missingProperties: ['name'] }),
      ],
    },
  ],
  [
    { $nor: [{ $jsonSchema: { minProperties: 1 } }] },
    { a: 1 },
    {
      operatorName: '$nor',
      clausesSatisfied: [
        { index: 0, details: { operatorName: '$jsonSchema', reason: 'schema matched' } },
      ],
    },
  ],
  [
    { $jsonSchema: { properties: { a: { oneOf: [{ minimum: 1 }, { maximum: 3 }] } } } },
    { a: 2 },
    {
      operatorName: '$jsonSchema',
      schemaRulesNotSatisfied: [
        {
          operatorName: 'properties',
          propertiesNotSatisfied: [
            {
              propertyName: 'a',
              details: [
                {
                  operatorName: 'oneOf',
                  reason: 'more than one subschema matched',
                  matchingSchemaIndexes: [0, 1],
                },
              ],
            },
          ],
        },
      ],
    },
  ],
])('%o is told of %o', (validator, document, details) => {
  expect(explain(validator, document)).toEqual(details);
});
