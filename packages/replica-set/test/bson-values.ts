/** Random BSON values, numbers of every kind above all. */
import {
  Binary,
  BSONRegExp,
  BSONSymbol,
  Code,
  Decimal128,
  type Document,
  Double,
  MaxKey,
  MinKey,
  ObjectId,
  Timestamp,
} from 'bson';
import fc from 'fast-check';
import { type BsonDocument, type BsonValue, isInt32 } from '../src/bson-document.ts';

const doubles = fc
  .oneof(
    fc.double(),
    fc.integer().map(Number),
    fc.constantFrom(0, -0, 1, 2 ** 53, 2 ** 53 + 2, Number.NaN, Number.POSITIVE_INFINITY),
    fc.constantFrom(Number.MIN_VALUE, Number.MAX_VALUE, 2 ** -1022, -(2 ** -1073)),
  )
  .map((number) => (isInt32(number) ? new Double(number) : number));
const longs = fc.oneof(
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  fc.constantFrom(0n, 1n, 2n ** 53n + 1n, 2n ** 53n - 1n, -(2n ** 53n) - 1n),
);
const decimals = fc
  .tuple(
    fc.bigInt({ min: -(10n ** 20n), max: 10n ** 20n }),
    fc.oneof(
      { arbitrary: fc.integer({ min: -12, max: 12 }), weight: 4 },
      fc.integer({ min: -350, max: -290 }),
      fc.integer({ min: 280, max: 330 }),
      fc.constantFrom(-6000, 6000),
    ),
  )
  .map(([digits, exponent]) => Decimal128.fromString(`${digits}E${exponent}`));

export const numbers: fc.Arbitrary<BsonValue> = fc.oneof(
  fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }),
  fc.integer({ min: -3, max: 3 }),
  doubles,
  longs,
  decimals,
);

const names = fc.oneof(
  fc.constantFrom('a', 'b', 'c', '1', '2', '__proto__', 'n'.repeat(23), 'n'.repeat(24)),
  fc
    .string({ minLength: 1, maxLength: 4, unit: 'binary' })
    .filter((name) => !/[\0$.]/.test(name) && name.isWellFormed()),
);

const texts = fc.string({ maxLength: 6, unit: 'binary' }).filter((text) => text.isWellFormed());

const leaves: fc.Arbitrary<BsonValue> = fc.oneof(
  { arbitrary: numbers, weight: 4 },
  { arbitrary: texts, weight: 3 },
  fc.boolean(),
  fc.constant(null),
  fc.date({ noInvalidDate: true, min: new Date(-1e12), max: new Date(1e13) }),
  fc.constantFrom(-1, 2 ** 32, -(2 ** 32), 8.64e15, -8.64e15).map((time) => new Date(time)),
  fc.uint8Array({ minLength: 12, maxLength: 12 }).map((bytes) => new ObjectId(bytes)),
  fc.uint8Array({ maxLength: 4 }).map((bytes) => new Binary(bytes)),
  fc.tuple(fc.nat(), fc.nat()).map(([t, i]) => new Timestamp({ t, i })),
  fc.constantFrom<BsonValue>(
    new BSONRegExp('^a', 'i'),
    new MinKey(),
    new MaxKey(),
    undefined,
    new BSONSymbol('a'),
    new Code('a'),
    codeWithScope('a', new Map([['a', 1]])),
    codeWithScope('', new Map()),
  ),
);

function codeWithScope(code: string, scope: BsonDocument): Code {
  return new Code(code, scope as unknown as Document);
}

const tree = fc.letrec<{ value: BsonValue; document: BsonDocument }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 2, depthSize: 'small' },
    leaves,
    fc.array(tie('value'), { maxLength: 3 }),
    tie('document'),
  ),
  document: fc
    .array(fc.tuple(names, tie('value')), { maxLength: 4 })
    .map((fields) => new Map(fields)),
}));

export const values: fc.Arbitrary<BsonValue> = tree.value;
export const documents: fc.Arbitrary<BsonDocument> = tree.document;
