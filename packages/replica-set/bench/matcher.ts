/** How fast compiled queries are on documents in memory, beside mingo's. */
import { BSONRegExp } from 'bson';
import { Query } from 'mingo';
import { decodeDocument } from '../src/bson-decoder.ts';
import type { BsonDocument, EncodableDocument } from '../src/bson-document.ts';
import { encodeDocument } from '../src/bson-encoder.ts';
import { compileQuery } from '../src/matcher.ts';
import type { Measurement } from './measurement.ts';

const day = (n: number) => new Date(1e12 + n * 1e6);

const documents = Array.from({ length: 1000 }, (_, n) => ({
  _id: n,
  name: `user${n % 100}`,
  age: n % 90,
  score: n / 7,
  active: n % 2 === 0,
  at: day(n),
  tags: ['a', 'b', `t${n % 7}`],
  address: { city: ['Rome', 'Oslo', 'Bonn'][n % 3] ?? '', zip: 10_000 + n },
  orders: [
    { sku: `x${n % 10}`, quantity: n % 5 },
    { sku: 'y', quantity: 2 },
  ],
}));

/** The mix: what applications ask for, from one field to elements of arrays. */
const mix: readonly Record<string, unknown>[] = [
  { name: 'user5' },
  { age: { $gte: 20, $lt: 40 } },
  { 'address.city': 'Oslo' },
  { name: { $in: ['user1', 'user2', 'user3', 'user90'] } },
  { tags: 't3' },
  { 'orders.sku': 'x3' },
  { orders: { $elemMatch: { sku: 'y', quantity: { $gt: 1 } } } },
  { $or: [{ age: 5 }, { name: 'user7' }, { active: false }] },
  { name: /^user1/ },
  { name: /R9/i },
  { at: { $gt: day(500) } },
  { missing: { $exists: false } },
  { tags: { $all: ['a', 't3'] } },
  { age: { $mod: [7, 3] } },
  { active: true, age: { $gt: 50 }, 'address.zip': { $lt: 10_800 } },
  { age: { $not: { $gt: 10 } } },
];

const passes = 40;

/** Milliseconds for all queries on all documents. */
function timeOf<T>(tests: readonly ((document: T) => boolean)[], over: readonly T[]): number {
  let found = 0;
  const begun = performance.now();
  for (const test of tests) for (const document of over) if (test(document)) found += 1;
  const taken = performance.now() - begun;
  if (found === 0) throw new Error('the mix finds nothing');
  return taken;
}

/** The mean time of a query of the mix on a document, ours and mingo's in turns. */
export function measureMatcher(rounds: number, sink: (measurement: Measurement) => void): void {
  const stored = documents.map((document) => decodeDocument(encodeDocument(document)));
  const ours = mix.map((query) => compileQuery(asBson(query), { now: new Date() }));
  const theirs = mix.map((query) => {
    const compiled = new Query(query);
    return (document: Record<string, unknown>) => compiled.test(document);
  });
  for (const [index, test] of ours.entries()) {
    const found = stored.filter((document) => test(document)).length;
    const expected = documents.filter((document) => theirs[index]?.(document)).length;
    if (found !== expected) throw new Error(`query ${index}: ${found} found, mingo ${expected}`);
  }
  const times: number[] = [];
  const ratios: number[] = [];
  for (let round = 0; round < rounds; round++) {
    let mine = 0;
    let others = 0;
    for (let pass = 0; pass < passes; pass++) {
      mine += timeOf(ours, stored);
      others += timeOf(theirs, documents);
    }
    times.push((mine * 1e6) / (passes * mix.length * documents.length));
    ratios.push(others / mine);
  }
  sink({ name: 'a query of the mix on a document (ns)', rounds: times });
  sink({ name: "mingo's time as a multiple of it", rounds: ratios });
}

function asBson(query: Record<string, unknown>): BsonDocument {
  const convert = (value: unknown): unknown => {
    if (value instanceof RegExp) return new BSONRegExp(value.source, value.flags);
    if (Array.isArray(value)) return value.map(convert);
    if (typeof value !== 'object' || value === null || value instanceof Date) return value;
    return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, convert(inner)]));
  };
  return decodeDocument(encodeDocument(convert(query) as EncodableDocument));
}
