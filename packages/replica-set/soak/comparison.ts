/** The members side by side: the same documents everywhere, and indexes that agree with them. */
import { BSON, type Document, MongoClient, ObjectId } from 'mongodb';
import type { Member } from '../src/index.ts';
import type { Finding } from './finding.ts';
import type { Contents } from './workload.ts';

/** What one member holds of a database. */
interface Holding {
  readonly contents: Contents;
  readonly findings: readonly Finding[];
}

/**
 * Reads a database from every member by itself and compares them document by document.
 * Asks for a set at rest, where everybody has everything.
 */
export async function compareMembers(
  members: readonly Member[],
  database: string,
): Promise<Holding> {
  const holdings = await Promise.all(members.map((member) => holdingOf(member, database)));
  const [first] = holdings;
  if (first === undefined) throw new RangeError('a set has a member at least');
  const findings = holdings.flatMap(({ findings: own, contents }, index) => [
    ...own,
    ...differences(first.contents, contents, index),
  ]);
  return { contents: first.contents, findings };
}

async function holdingOf({ index, host, port }: Member, database: string): Promise<Holding> {
  const client = new MongoClient(`mongodb://${host}:${port}/?directConnection=true`, {
    readPreference: 'secondaryPreferred',
  });
  try {
    const db = client.db(database);
    const names = (await db.listCollections({}, { nameOnly: true }).toArray()).map(
      ({ name }) => name,
    );
    const contents = new Map<string, Document[]>();
    const findings: Finding[] = [];
    for (const name of names.sort()) {
      const collection = db.collection(name);
      const documents = await collection.find().toArray();
      contents.set(name, documents);
      for (const { key } of await collection.indexes()) {
        const [field = ''] = Object.keys(key);
        // A condition that the index answers by itself.
        const lowest = lowestLike(documents.find((document) => field in document)?.[field]);
        const indexed = await collection.find({ [field]: { $gte: lowest } }).toArray();
        const holders = documents.filter((document) => isLike(document[field], lowest));
        if (sameDocuments(holders, indexed)) continue;
        findings.push({
          promise: 'an index holds what the documents hold',
          detail: `member ${index}: by ${field} ${name} shows ${indexed.length} documents, without it ${holders.length}`,
          operations: [],
        });
      }
    }
    return { contents, findings };
  } finally {
    await client.close();
  }
}

/** The least value of the same type. */
function lowestLike(value: unknown): number | string | ObjectId {
  if (typeof value === 'number') return Number.NEGATIVE_INFINITY;
  return typeof value === 'string' ? '' : new ObjectId('0'.repeat(24));
}

function isLike(value: unknown, lowest: number | string | ObjectId): boolean {
  return lowest instanceof ObjectId ? value instanceof ObjectId : typeof value === typeof lowest;
}

function differences(expected: Contents, found: Contents, member: number): Finding[] {
  return [...new Set([...expected.keys(), ...found.keys()])].flatMap((name) => {
    const wanted = expected.get(name) ?? [];
    const held = found.get(name) ?? [];
    if (expected.has(name) === found.has(name) && sameDocuments(wanted, held)) return [];
    const mine = new Map(held.map((document) => [String(document._id), textOf(document)]));
    const theirs = new Map(wanted.map((document) => [String(document._id), textOf(document)]));
    const ids = [...new Set([...mine.keys(), ...theirs.keys()])].filter(
      (id) => mine.get(id) !== theirs.get(id),
    );
    const shown = ids.slice(0, 5).map((id) => `${theirs.get(id)} against ${mine.get(id)}`);
    return [
      {
        promise: 'all members hold the same documents',
        detail: `${name}: member ${member} differs from member 0 in ${ids.length}: ${shown.join('; ')}`,
        operations: [],
      },
    ];
  });
}

function sameDocuments(a: readonly Document[], b: readonly Document[]): boolean {
  const sorted = (documents: readonly Document[]) => documents.map(textOf).sort().join('\n');
  return a.length === b.length && sorted(a) === sorted(b);
}

function textOf(document: Document): string {
  return BSON.EJSON.stringify(document);
}
