import { MongoClient } from 'mongodb';
import { expect, test } from 'vitest';
import { safeClientOptions } from '../src/safe-client-options.ts';
import { type WeakerConsents, weakerClientOptions } from '../src/weaker-client-options.ts';
import { weaknesses } from '../src/weaknesses.ts';

const unacknowledged = 'I can lose these writes';
const unreplicated = 'A fail-over can undo these writes';
const unjournaled = 'A power cut can undo these writes';
const uncommittedReads = 'I can read what a fail-over undoes';

const bare = (options: object) => new MongoClient('mongodb://127.0.0.1:1/?replicaSet=rs0', options);

const consented: { consents: WeakerConsents; settings: object; told: RegExp[] }[] = [
  {
    consents: { unacknowledged },
    settings: { writeConcern: { w: 0 }, readConcern: { level: 'majority' } },
    told: [/^w: 0: /],
  },
  {
    consents: { unreplicated },
    settings: { writeConcern: { w: 1, journal: true, wtimeoutMS: 30_000 } },
    told: [/^w: 1: /],
  },
  {
    consents: { unjournaled },
    settings: { writeConcern: { w: 'majority', journal: false, wtimeoutMS: 30_000 } },
    told: [/^journal: false: /],
  },
  {
    consents: { unreplicated, unjournaled },
    settings: { writeConcern: { w: 1, journal: false } },
    told: [/^w: 1: /, /^journal: false: /],
  },
  {
    consents: { uncommittedReads },
    settings: { ...safeClientOptions, readConcern: { level: 'local' } },
    told: [/^readConcern local: /],
  },
  {
    consents: { unacknowledged, uncommittedReads },
    settings: { writeConcern: { w: 0 }, readConcern: { level: 'local' } },
    told: [/^w: 0: /, /^readConcern local: /],
  },
];

test.each(consented)('$consents gives up that and nothing else', ({ consents, settings, told }) => {
  const options = weakerClientOptions(consents);
  expect(options).toMatchObject({ retryReads: true, retryWrites: true, ...settings });
  const found = weaknesses(bare(options).options);
  expect(found).toHaveLength(told.length);
  for (const [at, pattern] of told.entries()) expect(found[at]).toMatch(pattern);
});

test.each<{ given: object; refusal: string }>([
  { given: {}, refusal: 'use safeClientOptions' },
  {
    given: { unacknowledged: true },
    refusal: `unacknowledged takes the sentence '${unacknowledged}'`,
  },
  { given: { unjournaled: undefined }, refusal: `unjournaled takes the sentence '${unjournaled}'` },
  { given: { unreplicated: unjournaled }, refusal: `unreplicated takes the sentence` },
  { given: { w: 0 }, refusal: "there is no consent 'w'" },
  { given: { toString: unacknowledged }, refusal: "there is no consent 'toString'" },
  { given: { unacknowledged, unjournaled }, refusal: 'unacknowledged and unjournaled contradict' },
  {
    given: { unacknowledged, unreplicated },
    refusal: 'unacknowledged and unreplicated contradict',
  },
])('refuses $given', ({ given, refusal }) => {
  const asking = () => weakerClientOptions(given as WeakerConsents);
  expect(asking).toThrow(TypeError);
  expect(asking).toThrow(refusal);
});

test.each([
  { options: {}, told: [] },
  { options: safeClientOptions, told: [] },
  { options: { w: 'majority' }, told: [] },
  { options: { writeConcern: { wtimeoutMS: 5 } }, told: [] },
  { options: { w: 'twoSites' }, told: [] },
  { options: { readConcernLevel: 'linearizable' }, told: [] },
  { options: { readConcernLevel: 'available' }, told: [/^readConcern available/] },
  { options: { w: 2 }, told: [/more than 3 voting members/] },
  { options: { w: 0, journal: false }, told: [/^w: 0/] },
  { options: { retryWrites: false, retryReads: false }, told: [/^retryWrites/, /^retryReads/] },
])('tells what is weaker than safe in $options', ({ options, told }) => {
  const found = weaknesses(bare(options).options);
  expect(found).toHaveLength(told.length);
  for (const [at, pattern] of told.entries()) expect(found[at]).toMatch(pattern);
});

test('a connection string is read like options', () => {
  const { options } = new MongoClient('mongodb://127.0.0.1:1/?w=1&journal=false&retryWrites=false');
  expect(weaknesses(options)).toHaveLength(3);
});
