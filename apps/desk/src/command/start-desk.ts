import { existsSync } from 'node:fs';
import type { MongoClient } from 'mongodb';
import { builtPage } from '../bundled-files.ts';
import { dataDirectory, makeDataDirectory } from '../data-directory.ts';
import { connect } from '../database/connection.ts';
import { DeskDatabase } from '../database/desk-database.ts';
import { allowedHosts, listen, listenAnywhere } from '../http/listen.ts';
import { createServer } from '../http/server.ts';
import { type Log, openLog } from '../log.ts';
import { databaseName, openDesk } from '../opened-desk.ts';
import type { DatabaseStatus } from '../status-report.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { Interruption } from './interruption.ts';
import { defaultPort } from './port-number.ts';

/** As commander gives them. */
export interface StartOptions {
  readonly demo?: true;
  readonly data?: string;
  readonly port?: number;
  readonly host: string;
  readonly mongoUri?: string;
}

const firstAnswer = 10_000;

/** Opens the desk and keeps it open until it is interrupted. */
export async function startDesk(options: StartOptions, terminal: Terminal): Promise<void> {
  const hosts = allowedHosts(options.host);
  const log = openLog(process.stderr);
  using interruption = new Interruption();
  await using house = new AsyncDisposableStack();

  const database = await openDatabase(options, log);
  house.defer(() => database.close());
  const { desk, start, close } = await openDesk({
    client: database.client,
    demo: options.demo ?? false,
    log,
    dataDirectory: database.directory,
    databaseKind: database.kind,
  });
  house.defer(close);
  const app = createServer({ desk, hosts, page: builtPage, log });
  house.defer(() => app.close());

  const joined = database.kind() === 'joined';
  const url =
    options.port === undefined && joined
      ? await listenAnywhere(app, options.host, defaultPort)
      : await listen(app, options.host, options.port ?? defaultPort);
  start();
  terminal.print(`${url}\n`);
  greet(terminal, { demo: options.demo ?? false, directory: database.directory, joined });
  log.info({ url, database: database.kind() }, 'the desk is open');

  await interruption.wait(database.lost);
  terminal.say('Closing; press Ctrl-C again to end at once.');
}

/** The database a desk works with, wherever it runs. */
interface Database {
  readonly client: MongoClient;
  /** Null when the database is not the desk's own. */
  readonly directory: string | null;
  readonly lost: AbortSignal;
  readonly kind: () => DatabaseStatus['kind'];
  readonly close: () => Promise<void>;
}

async function openDatabase({ data, mongoUri, demo }: StartOptions, log: Log): Promise<Database> {
  if (mongoUri !== undefined) {
    const client = await connect(mongoUri, firstAnswer, log);
    const lost = new AbortController().signal;
    return { client, directory: null, lost, kind: () => 'given', close: () => client.close() };
  }
  const directory = dataDirectory(data);
  makeDataDirectory(directory);
  const database = await DeskDatabase.open({
    directory,
    log,
    database: databaseName(demo ?? false),
  });
  return {
    client: database.client,
    directory,
    lost: database.lost,
    kind: () => database.kind,
    close: () => database.close(),
  };
}

function greet(
  terminal: Terminal,
  greeting: {
    readonly demo: boolean;
    readonly directory: string | null;
    readonly joined: boolean;
  },
): void {
  const { demo, directory, joined } = greeting;
  if (demo) terminal.say('Demo: made-up posts, real prices to December 2022.');
  if (joined)
    terminal.say('Another desk runs on the same data; this one stands by and takes over.');
  if (directory !== null) {
    const word = /^[\w./-]+$/.test(directory) ? directory : `'${directory}'`;
    terminal.say(`Everything is kept in ${directory}; to forget it: rm -r ${word}`);
  }
  terminal.say(
    existsSync(builtPage)
      ? 'Open the address above in a browser. Ctrl-C ends the desk.'
      : 'The page has not been built. Run npm run build -w apps/web and start again.',
  );
}
