import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { BsonDocument, BsonValue, EncodableDocument } from '../src/bson-document.ts';
import { stageNames } from '../src/pipeline.ts';
import { values } from './bson-values.ts';
import { bson, PipelineData } from './pipeline-data.ts';

const small: fc.Arbitrary<BsonValue> = fc.oneof(
  { arbitrary: fc.nat(4), weight: 5 },
  fc.constantFrom<BsonValue>(null, 'k', 1n, 2.5, new Map([['x', 1]])),
  fc.array(fc.oneof(fc.nat(3), fc.constant(new Map<string, BsonValue>([['x', 2]]))), {
    maxLength: 3,
  }),
  values,
);
const documentList = fc.array(
  fc
    .record({ a: small, b: small, c: small }, { requiredKeys: [] })
    .map((fields): BsonDocument => new Map(Object.entries(fields))),
  { maxLength: 12 },
);
const numbered = (list: readonly BsonDocument[]): BsonDocument[] =>
  list.map((document, _id) => new Map<string, BsonValue>([['_id', _id], ...document]));

const field = fc.constantFrom('a', 'b', 'c', 'a.x');
const path = field.map((name) => `$${name}`);
const towards = fc.constantFrom(1, -1);
const document = (entries: [string, BsonValue][]): BsonDocument => new Map(entries);
const stage = (name: string, operand: BsonValue): BsonDocument => document([[name, operand]]);

const condition = fc.oneof(
  fc.nat(4),
  fc
    .tuple(fc.constantFrom('$gt', '$gte', '$lt', '$lte', '$ne'), fc.nat(4))
    .map(([name, n]) => stage(name, n)),
  fc.boolean().map((there) => stage('$exists', there)),
  fc.array(fc.nat(4), { maxLength: 3 }).map((list) => stage('$in', list)),
);
const match = fc.tuple(field, condition).map((pair) => stage('$match', document([pair])));
/** A total order: ties are left to `_id`. */
const sort = fc
  .uniqueArray(fc.tuple(field, towards), { maxLength: 2, selector: ([name]) => name })
  .filter((keys) => !(keys.some(([name]) => name === 'a') && keys.some(([name]) => name === 'a.x')))
  .map((keys) => stage('$sort', document([...keys, ['_id', 1]])));

const inner = fc.oneof(
  match,
  fc.integer({ min: 1, max: 9 }).map((n) => stage('$limit', n)),
  fc.nat(3).map((n) => stage('$skip', n)),
  fc.tuple(field, path).map(([name, from]) => stage('$set', document([[name, from]]))),
  fc
    .tuple(field, fc.constantFrom<BsonValue>(0, 1))
    .map(([name, shown]) => stage('$project', document([[name, shown]]))),
  field.map((name) => stage('$unset', name)),
  fc.tuple(path, fc.boolean()).map(([from, keeps]) =>
    stage(
      '$unwind',
      document([
        ['path', from],
        ['preserveNullAndEmptyArrays', keeps],
        ['includeArrayIndex', 'i'],
      ]),
    ),
  ),
  fc.tuple(path, path).map(([key, from]) =>
    stage(
      '$group',
      document([
        ['_id', key],
        ['c', stage('$push', from)],
        ['n', stage('$sum', from)],
      ]),
    ),
  ),
  path.map((from) => stage('$sortByCount', from)),
  fc.constant(stage('$count', 'a')),
  path.map((from) =>
    stage(
      '$replaceWith',
      document([
        ['_id', '$_id'],
        ['a', from],
      ]),
    ),
  ),
  fc.tuple(path, fc.integer({ min: 1, max: 4 })).map(([from, buckets]) =>
    stage(
      '$bucketAuto',
      document([
        ['groupBy', from],
        ['buckets', buckets],
        ['output', document([['a', stage('$push', '$_id')]])],
      ]),
    ),
  ),
  fc.tuple(field, field).map(([local, foreign]) =>
    stage(
      '$lookup',
      document([
        ['from', 'c'],
        ['localField', local],
        ['foreignField', foreign],
        ['pipeline', [stage('$sort', stage('_id', 1))]],
        ['as', 'found'],
      ]),
    ),
  ),
  fc.tuple(path, field).map(([from, to]) =>
    stage(
      '$graphLookup',
      document([
        ['from', 'c'],
        ['startWith', from],
        ['connectFromField', 'b'],
        ['connectToField', to],
        ['maxDepth', 2],
        ['as', 'reached'],
      ]),
    ),
  ),
  match.map((query) =>
    stage(
      '$unionWith',
      document([
        ['coll', 'c'],
        ['pipeline', [query, stage('$sort', stage('_id', 1))]],
      ]),
    ),
  ),
  fc.tuple(match, path).map(([query, from]) =>
    stage(
      '$facet',
      document([
        ['a', [query]],
        ['b', [stage('$group', document([['_id', from]]))]],
      ]),
    ),
  ),
  fc.tuple(path, path).map(([by, from]) =>
    stage(
      '$setWindowFields',
      document([
        ['partitionBy', by],
        ['sortBy', stage('_id', 1)],
        [
          'output',
          document([
            [
              'w',
              document([
                ['$push', from],
                ['window', stage('documents', [-1, 'current'])],
              ]),
            ],
          ]),
        ],
      ]),
    ),
  ),
  field.map((name) =>
    stage('$fill', document([['output', document([[name, stage('value', 'none')]])]])),
  ),
);
const pipeline = fc
  .tuple(fc.option(match, { nil: undefined }), sort, fc.array(inner, { maxLength: 4 }))
  .map(([query, order, rest]) => [...(query === undefined ? [] : [query]), order, ...rest]);

/** What comes out, or the code of the error. */
function outcome(work: () => BsonDocument[]): BsonDocument[] | number {
  try {
    return work();
  } catch (error) {
    const { name, code } = error as { name: string; code: number };
    if (name !== 'ServerError') throw error;
    return code;
  }
}

/** `$graphLookup` tells what it reaches in no order. */
const inOrder = (given: BsonDocument[] | number): unknown =>
  typeof given === 'number'
    ? given
    : given.map((each) => {
        const reached = each.get('reached');
        if (!Array.isArray(reached)) return each;
        const sorted = [...reached].sort(
          (a, b) => Number((a as BsonDocument).get('_id')) - Number((b as BsonDocument).get('_id')),
        );
        return new Map(each).set('reached', sorted);
      });

test('a pipeline gives the same with indexes and without', () => {
  fc.assert(
    fc.property(documentList, pipeline, (list, stages) => {
      const data = new PipelineData();
      data.insert('c', numbered(list));
      const plain = outcome(() => data.run('c', stages));
      for (const key of [{ a: 1 }, { b: -1 }, { c: 1, a: 1 }, { 'a.x': 1 }]) {
        // Parallel arrays cannot be indexed.
        outcome(() => {
          data.index('c', key);
          return [];
        });
      }
      expect(inOrder(outcome(() => data.run('c', stages)))).toEqual(inOrder(plain));
      data.close();
    }),
    { numRuns: 300 },
  );
});

test('a pipeline gives the same as its stages one by one, through collections', () => {
  fc.assert(
    fc.property(documentList, pipeline, (list, stages) => {
      const data = new PipelineData();
      data.insert('c', numbered(list));
      const whole = outcome(() => data.run('c', stages));
      const parts = outcome(() => {
        let documents = data.run('c', []);
        for (const [index, each] of stages.entries()) {
          const name = `step${index}`;
          const kept = documents.map(
            (inside, _id) =>
              new Map<string, BsonValue>([
                ['_id', _id],
                ['inside', inside],
              ]),
          );
          data.insert(name, kept);
          documents = data.run(name, [bson({ $replaceWith: '$inside' }), each]);
        }
        return documents;
      });
      // A $match goes before a $sort, and so takes away what cannot be sorted: parallel arrays.
      if (parts !== 2 || !Array.isArray(whole)) expect(parts).toEqual(whole);
      data.close();
    }),
    { numRuns: 300 },
  );
});

const anything = fc.letrec<{ value: BsonValue }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4, depthSize: 'small' },
    values,
    fc.constantFrom<BsonValue>('$a', '$$ROOT', '', '$', '$$', 'a.b', 'c', 0, 1, -1, true),
    fc.array(tie('value'), { maxLength: 3 }),
    fc
      .array(
        fc.tuple(
          fc.constantFrom(
            ...[
              '_id',
              'a',
              'a.b',
              '$add',
              '$sum',
              'from',
              'as',
              'pipeline',
              'let',
              'groupBy',
              'boundaries',
            ],
            ...[
              'buckets',
              'output',
              'path',
              'size',
              'newRoot',
              'sortBy',
              'partitionBy',
              'window',
              'documents',
            ],
            ...[
              'range',
              'step',
              'bounds',
              'unit',
              'field',
              'into',
              'on',
              'whenMatched',
              'coll',
              'localField',
            ],
            ...[
              'foreignField',
              'startWith',
              'connectToField',
              'connectFromField',
              'method',
              'value',
              '$match',
            ],
          ),
          tie('value'),
        ),
        { maxLength: 4 },
      )
      .map((entries) => new Map(entries)),
  ),
})).value;

test('no operand, however odd, ends in anything but an answer or a code', () => {
  const names = [...stageNames].filter((name) => name !== '$changeStream');
  const documents: EncodableDocument[] = [
    { _id: 1, a: 1, b: [1, { x: 2 }] },
    { _id: 2, a: { b: 'x' }, c: null },
  ];
  const data = new PipelineData({ c: documents });
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.constantFrom(...names), anything), { minLength: 1, maxLength: 3 }),
      (stages) => {
        const given = stages.map(([name, operand]) => stage(name, operand));
        const result = outcome(() => data.run('c', given));
        if (typeof result === 'number') expect(result).toBeGreaterThan(0);
      },
    ),
    { numRuns: 3000 },
  );
  data.close();
});
