import type { ReplicaSet } from '@holdfast/replica-set';
import { type Command, InvalidArgumentError } from 'commander';
import { DeskError } from '../desk-error.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { portNumber } from './port-number.ts';

interface MongoOptions {
  readonly members: number;
  readonly port: number;
  readonly data?: string;
  readonly json?: true;
}

/** `holdfast mongo`: the embedded replica set by itself, for any MongoDB client. */
export function addMongo(program: Command, terminal: Terminal): void {
  program
    .command('mongo')
    .summary('run a MongoDB-compatible replica set; Ctrl-C ends it')
    .description(
      'Runs a MongoDB-compatible replica set on 127.0.0.1 and prints its address.\n' +
        'It asks for no password: every program on this machine may use it. Ctrl-C ends it.',
    )
    .option('--members <number>', 'how many: 1, 3, 5 or 7', memberCount, 3)
    .option('--port <number>', 'port of the first member; 0 takes free ones', portNumber, 27_117)
    .option('--data <dir>', 'where its files are kept; without it, nothing is')
    .option('--json', 'print one JSON object on a line: uri and members')
    .addHelpText(
      'after',
      `
Examples:
  holdfast mongo
  holdfast mongo --members 3 --port 27117 --data /tmp/set
  holdfast mongo --port 0 --json`,
    )
    .action((options: MongoOptions) => mongo(options, terminal));
}

async function mongo(
  { members, port, data, json }: MongoOptions,
  terminal: Terminal,
): Promise<void> {
  const { ReplicaSet, ReplicaSetError } = await import('@holdfast/replica-set');
  const { Interruption } = await import('./interruption.ts');
  const { fileTrouble } = await import('../database/file-trouble.ts');
  const { dataDirectory, makeDataDirectory } = await import('../data-directory.ts');
  using interruption = new Interruption();
  const dataDir = data === undefined ? undefined : dataDirectory(data);
  if (dataDir !== undefined) makeDataDirectory(dataDir);
  const set = await ReplicaSet.start({
    members,
    port,
    ...(dataDir === undefined ? {} : { dataDir }),
  }).catch((error: unknown) => {
    if (!(error instanceof ReplicaSetError)) throw error;
    if (error.code === 'data-in-use') {
      throw new DeskError('unreachable', error.message, 'Choose another with --data DIR.');
    }
    if (error.code !== 'port-in-use') throw fileTrouble(error);
    throw new DeskError(
      'unreachable',
      `a port from ${port} to ${port + members - 1} is taken by another program`,
      'Choose another with --port; --port 0 takes free ones.',
      { cause: error },
    );
  });
  try {
    terminal.print(`${json ? JSON.stringify(report(set)) : set.uri}\n`);
    terminal.say(dataDir === undefined ? 'Nothing is kept.' : `Everything is kept in ${dataDir}.`);
    terminal.say('Ctrl-C ends it.');
    await interruption.wait(new AbortController().signal);
  } finally {
    await set.stop();
  }
}

/** What scripts read; fields are added, never changed. */
function report({ uri, members }: Pick<ReplicaSet, 'uri' | 'members'>) {
  return {
    schema: 'holdfast.set/1',
    uri,
    members: members.map(({ index, host, port, processId }) => ({ index, host, port, processId })),
  };
}

function memberCount(text: string): number {
  if (/^[1357]$/.test(text)) return Number(text);
  throw new InvalidArgumentError('A replica set has 1, 3, 5 or 7 members.');
}
