import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Admin, ClientSession, Collection, Db, MongoClient } from 'mongodb';
import { expect, test } from 'vitest';
import { tables, withOperationTable } from './operation-table.ts';

const readme = fileURLToPath(new URL('../README.md', import.meta.url));

// `npx vitest run packages/mongo-proxy/test/operations.test.ts -u` writes them anew.
test('the README’s tables are those of the code that decides', async () => {
  await expect(withOperationTable(readFileSync(readme, 'utf8'))).toMatchFileSnapshot(readme);
});

/** What asks no server, or only through the other methods. */
const asksNoServer: Record<string, readonly string[]> = {
  collection: [],
  db: ['admin', 'collection'],
  admin: [],
  client: ['db', 'close', 'startSession', 'withSession', 'appendMetadata'],
  session: [
    ...['endSession', 'advanceOperationTime', 'advanceClusterTime', 'equals', 'toBSON', 'pin'],
    ...['unpin', 'incrementTransactionNumber', 'inTransaction', 'startTransaction'],
    'abortTransaction', // no failure of it matters
  ],
};

const classes = {
  collection: Collection,
  db: Db,
  admin: Admin,
  client: MongoClient,
  session: ClientSession,
};

test.each(Object.entries(classes))(
  'every method of the driver’s %s has its way',
  (owner, { prototype }) => {
    const methods = Object.entries(Object.getOwnPropertyDescriptors(prototype))
      .filter(([name, { value }]) => typeof value === 'function' && name !== 'constructor')
      .map(([name]) => name)
      .filter((name) => !['checkForNonGenuineHosts', '_connect', '_close'].includes(name));
    const known = [...(tables[owner]?.keys() ?? []), ...(asksNoServer[owner] ?? [])];
    expect(known.toSorted()).toEqual(methods.toSorted());
  },
);
