import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Document, MongoClient } from 'mongodb';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { commands } from '../src/commands/command-table.ts';
import { collectionKinds, commandNames, indexKinds } from './language/commands-and-indexes.ts';
import type { LanguageEntry } from './language/entry.ts';
import { accumulatorNames, expressionNames } from './language/expressions.ts';
import { queryOperators } from './language/query-operators.ts';
import { stages, windowOperators } from './language/stages.ts';
import { projectionOperators, updateOperators } from './language/update-operators.ts';
import { type LoneMember, startLoneMember } from './lone-member.ts';

const readme = join(import.meta.dirname, '../README.md');
const table = /<!-- language -->\n[\s\S]*?<!-- \/language -->/;

const parts: readonly (readonly [string, readonly LanguageEntry[]])[] = [
  ['Query operators', queryOperators],
  ['Projection', projectionOperators],
  ['Update operators', updateOperators],
  ['Stages', stages],
  ['Expressions', expressionNames],
  ['Accumulators', accumulatorNames],
  ['Windows', windowOperators],
  ['Commands', commandNames],
  ['Indexes', indexKinds],
  ['Collections', collectionKinds],
];

function describePart([title, entries]: (typeof parts)[number]): string {
  const named = (wanted: LanguageEntry['is']) => entries.filter(({ is }) => is === wanted);
  const list = (names: readonly LanguageEntry[]) =>
    names.map(({ name }) => `\`${name}\``).join(' ');
  const grouped = (is: LanguageEntry['is'], by: (entry: LanguageEntry) => string) => {
    const reasons = [...new Set(named(is).map(by))];
    return reasons.map((reason) => {
      const names = list(named(is).filter((each) => by(each) === reason));
      return is === 'refused'
        ? `- **refused** (${reason}): ${names}`
        : `- **differs**: ${names}: ${reason}`;
    });
  };
  return [
    `### ${title}`,
    '',
    ...(named('right').length > 0 ? [`- **right**: ${list(named('right'))}`] : []),
    ...grouped('differs', ({ how = '' }) => how),
    ...grouped('refused', ({ code }) => String(code)),
  ].join('\n');
}

test('the README tells what is right, refused and differing (RECORD=1 writes it)', () => {
  const count = (wanted: LanguageEntry['is']) =>
    parts.flatMap(([, entries]) => entries).filter(({ is }) => is === wanted).length;
  const summary = `Of ${parts.flatMap(([, entries]) => entries).length} names of MongoDB 8.0's manual ${count('right')} are right, ${count('differs')} differ, and ${count('refused')} are refused by name.`;
  const wanted = [
    '<!-- language -->',
    summary,
    '',
    parts.map(describePart).join('\n\n'),
    '<!-- /language -->',
  ].join('\n');
  const text = readFileSync(readme, 'utf8');
  if (process.env.RECORD === '1')
    writeFileSync(
      readme,
      text.replace(table, () => wanted),
    );
  else expect(table.exec(text)?.[0]).toBe(wanted);
});

test('no name is told twice in a part, and what differs says how', () => {
  for (const [title, entries] of parts) {
    const names = entries.map(({ name }) => name);
    expect(
      names.filter((name, at) => names.indexOf(name) !== at),
      title,
    ).toEqual([]);
    for (const { name, is, how, code } of entries) {
      if (is === 'differs') expect(how, name).toBeTruthy();
      if (is === 'refused') expect(code, name).toBeGreaterThan(0);
    }
  }
});

let member: LoneMember;
let client: MongoClient;

beforeAll(async () => {
  member = await startLoneMember();
  client = new MongoClient(`mongodb://127.0.0.1:${member.port}/?directConnection=true`);
});

afterAll(async () => {
  await client.close();
  member.server.close();
  member.state.close();
});

test('the table of commands tells of every command that there is', () => {
  const aliases = new Set([
    'isMaster',
    'ismaster',
    'findandmodify',
    'buildinfo',
    'collstats',
    'datasize',
    'dbhash',
    'dbstats',
    'deleteIndexes',
  ]);
  const known = [...commands].filter(([name, { internal }]) => !internal && !aliases.has(name));
  expect(known.map(([name]) => name).sort()).toEqual(commandNames.map(({ name }) => name).sort());
});

const refusedNames = (entries: readonly LanguageEntry[]) =>
  entries.filter(({ is }) => is === 'refused').map(({ name, code }) => [name, code] as const);

test.each(refusedNames(commandNames))('%s is refused with code %d', async (name, code) => {
  await expect(client.db('db').command({ [name]: 'things' })).rejects.toMatchObject({ code });
});

/** What each kind is asked for by. */
const indexes: Readonly<Record<string, Document>> = {
  text: { key: { a: 'text' } },
  '2d': { key: { a: '2d' } },
  '2dsphere': { key: { a: '2dsphere' } },
  hashed: { key: { a: 'hashed' } },
  wildcard: { key: { '$**': 1 } },
  prepareUnique: { key: { a: 1 }, prepareUnique: true },
};

test.each(refusedNames(indexKinds))(
  'an index of kind %s is refused with code %d',
  async (name, code) => {
    const command = { createIndexes: 'things', indexes: [{ name, ...indexes[name] }] };
    await expect(client.db('db').command(command)).rejects.toMatchObject({ code });
  },
);

test.each(refusedNames(collectionKinds))(
  'a collection with %s is refused with code %d',
  async (name, code) => {
    const command = { create: name, [name]: { timeField: 't', fields: [] } };
    await expect(client.db('db').command(command)).rejects.toMatchObject({ code });
  },
);
