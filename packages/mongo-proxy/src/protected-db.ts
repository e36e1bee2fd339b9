import type { Admin, Collection, Db, Document, MongoClient } from 'mongodb';
import { driverOptions, optionsOf, readCall, withOptions } from './call.ts';
import { identifiedOperation, isAllDropped, isDropped, isRenamed } from './collection-identity.ts';
import { cursorMethod, watchMethod } from './cursor-methods.ts';
import { facade } from './facade.ts';
import { adminOperations, dbOperations, type Operation } from './operations.ts';
import type { Patience } from './patience.ts';
import { CollectionProtector } from './protected-collection.ts';
import { protectedCommand } from './protected-command.ts';
import type { WriteOptions } from './protected-writes.ts';
import { settledOperation } from './settled-operation.ts';
import { transactionStep } from './transaction-step.ts';

type Method = (...args: unknown[]) => unknown;

/** The database with its protected methods; `shownClient` is what its `client` shows. */
export function protectDb(
  patience: Patience,
  client: MongoClient,
  shownClient: MongoClient,
  db: Db,
): Db {
  const handles: Record<string, unknown> = {
    client: shownClient,
    collection: (...args: Parameters<Db['collection']>) =>
      collections.protect(db.collection(...args)),
    admin: () => protectAdmin(patience, client, db, db.admin()),
  };
  const shown: Db = facade(db, (key) => {
    if (Object.hasOwn(handles, key)) return handles[key as string];
    const operation = dbOperations.get(key as string);
    return operation && method(patience, client, db, collections, key as keyof Db, operation);
  });
  const collections = new CollectionProtector(patience, client, shown);
  return shown;
}

function method(
  patience: Patience,
  client: MongoClient,
  db: Db,
  collections: CollectionProtector,
  name: keyof Db,
  operation: Operation,
): Method {
  const call = (args: readonly unknown[]): Promise<unknown> =>
    Reflect.apply(db[name] as Method, db, args) as Promise<unknown>;
  switch (name) {
    case 'watch':
      return watchMethod(patience, call) as Method;
    case 'collections':
      return async (...args) =>
        ((await readCall(patience, db, name, operation.options, args, call)) as Collection[]).map(
          (each) => collections.protect(each),
        );
    case 'createCollection': {
      const create = settled(patience, name, operation, call, ([to]) =>
        db.collection(to as string),
      );
      return async (...args) => collections.protect((await create(...args)) as Collection);
    }
    case 'dropCollection':
      return (async (dropped: string, options: WriteOptions = {}) =>
        identifiedOperation(
          patience,
          name,
          db,
          options,
          (numbered) => db.dropCollection(dropped, { ...driverOptions(options), ...numbered }),
          isDropped(dropped),
          () => true,
        )) as Method;
    case 'dropDatabase':
      return (async (options: WriteOptions = {}) =>
        identifiedOperation(
          patience,
          name,
          db,
          options,
          (numbered) => db.dropDatabase({ ...driverOptions(options), ...numbered }),
          isAllDropped,
          () => true,
        )) as Method;
    case 'renameCollection':
      return (async (from: string, to: string, options: WriteOptions = {}) =>
        collections.protect(
          await identifiedOperation(
            patience,
            name,
            db,
            options,
            (numbered) => db.renameCollection(from, to, { ...driverOptions(options), ...numbered }),
            isRenamed(from, to),
            () => db.collection(to),
          ),
        )) as Method;
    default:
      return common(patience, client, db, name, operation, call);
  }
}

function protectAdmin(patience: Patience, client: MongoClient, db: Db, admin: Admin): Admin {
  return facade(admin, (key) => {
    const operation = adminOperations.get(key as string);
    if (!operation) return undefined;
    const name = key as keyof Admin;
    const call = (args: readonly unknown[]): Promise<unknown> =>
      Reflect.apply(admin[name] as Method, admin, args) as Promise<unknown>;
    return common(patience, client, db, name, operation, call);
  });
}

function common(
  patience: Patience,
  client: MongoClient,
  db: Pick<Db, 'readPreference'>,
  name: string,
  operation: Operation,
  call: (args: readonly unknown[]) => Promise<unknown>,
): Method {
  switch (operation.way) {
    case 'command':
      return ((command: Document, options?: object) =>
        protectedCommand(
          patience,
          client,
          command,
          options ?? {},
          (sent, rest) => call([sent, rest]) as Promise<Document>,
        )) as Method;
    case 'read':
      return (...args) => readCall(patience, db, name, operation.options, args, call);
    case 'settled':
      return settled(patience, name, operation, call, () => true);
    default:
      return cursorMethod(patience, name, operation.options, call);
  }
}

function settled(
  patience: Patience,
  name: string,
  { options: at, doneCode }: Operation,
  call: (args: readonly unknown[]) => Promise<unknown>,
  done: (args: readonly unknown[]) => unknown,
): (...args: unknown[]) => Promise<unknown> {
  return (...args) => {
    const options = optionsOf(args, at);
    const send = () => call(withOptions(args, at, driverOptions(options)));
    if (options.session?.inTransaction()) return transactionStep(patience, send);
    const settlement = { doneCode, done: () => done(args) };
    return settledOperation(patience, name, options, send, settlement);
  };
}
