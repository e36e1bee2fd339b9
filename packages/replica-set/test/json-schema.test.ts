import { Binary, Decimal128 } from 'bson';
import { expect, test } from 'vitest';
import type { EncodableDocument } from '../src/bson-document.ts';
import { compileJsonSchema } from '../src/json-schema/schema.ts';
import { documentFrom, valueFrom } from './plain-bson.ts';

type Plain = EncodableDocument[string];
const schemaOf = (plain: EncodableDocument) => compileJsonSchema(documentFrom(plain));

/** A schema, the values that pass it, and those that do not. */
test.each<[EncodableDocument, Plain[], Plain[]]>([
  [{}, [1, null, {}], []],
  [{ bsonType: 'int' }, [1], [1.5, 1n, '1', null]],
  [{ bsonType: 'number' }, [1, 1n, 1.5, Decimal128.fromString('1')], ['1']],
  [{ bsonType: ['string', 'null'] }, ['x', null], [1]],
  [{ bsonType: 'binData' }, [new Binary(new Uint8Array())], ['']],
  [{ type: 'number' }, [1, 1n], ['1']],
  [{ type: ['boolean', 'array'] }, [true, []], [1]],
  [{ type: 'object' }, [{}], [[]]],
  [{ minimum: 2 }, [2, 2n, 3, 'x', []], [1.9, Number.NaN]],
  [{ minimum: 2, exclusiveMinimum: true }, [2.1], [2]],
  [{ maximum: Decimal128.fromString('0.1') }, [0], [0.1, 1]],
  [{ maximum: 2, exclusiveMaximum: true }, [1], [2n]],
  [{ multipleOf: 0.1 }, [0.3, 1, 0, 'x'], [0.35, Number.NaN, Number.POSITIVE_INFINITY]],
  [{ multipleOf: 3 }, [9n, Decimal128.fromString('9.0')], [10]],
  [{ minLength: 2 }, ['ab', '😀a', 5], ['a', '😀']],
  [{ maxLength: 1 }, ['', '😀'], ['ab']],
  [{ pattern: '^a' }, ['ab', 5], ['b']],
  [{ enum: [1, 'x', { a: 1, b: 2 }] }, [1n, 'x', { b: 2, a: 1 }], [2, 'X', { a: 1 }]],
  [{ required: ['a', 'b'] }, [{ a: null, b: 1 }, 5], [{ a: 1 }]],
  [{ properties: { a: { bsonType: 'int' } } }, [{}, { a: 1 }, { b: 'x' }, 5], [{ a: 'x' }]],
  [{ properties: { a: { minimum: 1 } } }, [{ a: [0] }], [{ a: 0 }]],
  [{ properties: { 'a.b': { bsonType: 'int' } } }, [{ a: { b: 'x' } }], [{ 'a.b': 'x' }]],
  [{ additionalProperties: false, properties: { a: {} } }, [{ a: 1 }, {}], [{ b: 1 }]],
  [{ additionalProperties: { bsonType: 'int' } }, [{ a: 1 }], [{ a: 'x' }]],
  [{ additionalProperties: false, patternProperties: { '^s_': {} } }, [{ s_1: 1 }], [{ t: 1 }]],
  [{ patternProperties: { '^n_': { bsonType: 'int' } } }, [{ n_1: 1, o: 'x' }], [{ n_1: 'x' }]],
  [{ minProperties: 1 }, [{ a: 1 }, 5], [{}]],
  [{ maxProperties: 1 }, [{ a: 1 }], [{ a: 1, b: 1 }]],
  [{ dependencies: { a: ['b'] } }, [{}, { b: 1 }, { a: 1, b: 1 }], [{ a: 1 }]],
  [{ dependencies: { a: { required: ['c'] } } }, [{ a: 1, c: 1 }], [{ a: 1 }]],
  [{ items: { bsonType: 'int' } }, [[], [1], 5], [[1, 'x']]],
  [{ items: [{ bsonType: 'int' }] }, [[1, 'x'], []], [['x']]],
  [{ items: [{}], additionalItems: false }, [[1]], [[1, 2]]],
  [{ items: [{}], additionalItems: { bsonType: 'int' } }, [['x', 1]], [[1, 'x']]],
  [{ additionalItems: false }, [[1]], []],
  [{ minItems: 1 }, [[1], 'x'], [[]]],
  [{ maxItems: 1 }, [[1]], [[1, 2]]],
  [
    { uniqueItems: true },
    [[1, 2], 5],
    [
      [1, 1n],
      [
        { a: 1, b: 2 },
        { b: 2, a: 1 },
      ],
    ],
  ],
  [{ uniqueItems: false }, [[1, 1]], []],
  [{ allOf: [{ minimum: 1 }, { maximum: 3 }] }, [2], [0, 4]],
  [{ anyOf: [{ bsonType: 'int' }, { bsonType: 'string' }] }, [1, 'x'], [null]],
  [{ oneOf: [{ minimum: 1 }, { maximum: 3 }] }, [0, 4], [2]],
  [{ not: { bsonType: 'int' } }, ['x'], [1]],
  [{ title: 't', description: 'd' }, [1], []],
])('%o', (plain, yes, no) => {
  const schema = schemaOf(plain);
  for (const value of yes) expect(schema.passes(valueFrom(value)), String(value)).toBe(true);
  for (const value of no) {
    expect(schema.passes(valueFrom(value)), String(value)).toBe(false);
    expect(schema.explain(valueFrom(value)).length).toBeGreaterThan(0);
  }
});

test.each<[EncodableDocument, number]>([
  [{ colour: 1 }, 9],
  [{ $ref: 'x' }, 9],
  [{ default: 1 }, 9],
  [{ format: 'x' }, 9],
  [{ title: 1 }, 14],
  [{ description: 1 }, 14],
  [{ type: 'integer' }, 9],
  [{ type: 'int' }, 2],
  [{ bsonType: 'thing' }, 2],
  [{ bsonType: [] }, 9],
  [{ bsonType: 1 }, 14],
  [{ bsonType: ['int', 'int'] }, 9],
  [{ type: 'object', bsonType: 'object' }, 9],
  [{ minimum: 'x' }, 14],
  [{ exclusiveMinimum: true }, 9],
  [{ minimum: 1, exclusiveMinimum: 1 }, 14],
  [{ exclusiveMaximum: true }, 9],
  [{ multipleOf: 0 }, 9],
  [{ multipleOf: 'x' }, 14],
  [{ minLength: -1 }, 9],
  [{ minLength: 1.5 }, 9],
  [{ maxLength: 'x' }, 9],
  [{ pattern: 1 }, 14],
  [{ pattern: '(' }, 51091],
  [{ enum: [] }, 9],
  [{ enum: 1 }, 14],
  [{ enum: [1, 1n] }, 9],
  [{ required: [] }, 9],
  [{ required: 'a' }, 14],
  [{ required: [1] }, 14],
  [{ required: ['a', 'a'] }, 9],
  [{ properties: 1 }, 14],
  [{ properties: { a: 1 } }, 14],
  [{ additionalProperties: 1 }, 14],
  [{ patternProperties: { a: 1 } }, 14],
  [{ dependencies: { a: 1 } }, 14],
  [{ dependencies: { a: [] } }, 9],
  [{ items: 1 }, 14],
  [{ items: [1] }, 14],
  [{ additionalItems: 1 }, 14],
  [{ uniqueItems: 1 }, 14],
  [{ allOf: [] }, 2],
  [{ anyOf: 1 }, 14],
  [{ oneOf: [1] }, 14],
  [{ not: 1 }, 14],
  [{ encrypt: {} }, 238],
])('refuses %o with code %d', (plain, code) => {
  expect(() => schemaOf(plain)).toThrow(expect.objectContaining({ name: 'ServerError', code }));
});
