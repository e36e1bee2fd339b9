import type { LockerRoom, LockHolder, LockStatus } from '@holdfast/locker-room';
import { type Command, InvalidArgumentError } from 'commander';
import { CommandEnded } from '../command-ended.ts';
import { DeskError } from '../desk-error.ts';
import { systemFault } from '../system-fault.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { textTable } from '../terminal/text-table.ts';
import { type DatabaseChoice, withDatabase, withDatabaseChoice } from './database-choice.ts';

type LockListOptions = DatabaseChoice & { readonly json?: true };

type NamedOptions = LockListOptions;
type RunOptions = DatabaseChoice & { readonly timeout?: number; readonly lease: number };

/** `holdfast lock`: who holds which lock, and a command run under one. */
export function addLock(program: Command, terminal: Terminal): void {
  const lock = program
    .command('lock')
    .summary('list locks, run a command under one, or break one')
    .description('The locks of the desks: lists them, runs a command under one, or breaks one.');
  withDatabaseChoice(lock.command('ls'))
    .summary('list the locks')
    .description('Lists the locks of the desks: who holds them, until when, and who waits.')
    .option('--json', 'print one JSON object')
    .addHelpText(
      'after',
      `
Examples:
  holdfast lock ls
  holdfast lock ls --json --mongo-uri 'mongodb://127.0.0.1:27117/?replicaSet=rs0'`,
    )
    .action((options: LockListOptions) => listLocks(options, terminal));
  withDatabaseChoice(lock.command('status <name>'))
    .summary('show how one lock stands')
    .description(
      'Tells who holds one lock: alone, to read, or by one of so many permits. In JSON the ' +
        'permits of a holder are 1 for alone, null for to read, else how many there are.',
    )
    .option('--json', 'print one JSON object')
    .addHelpText('after', '\nExamples:\n  holdfast lock status nightly --json')
    .action((name: string, options: NamedOptions) => showLocks(options, terminal, name));
  withDatabaseChoice(lock.command('run <name> <command...>'))
    .summary('run a command under a lock')
    .description(
      'Holds a lock while a command runs. The command finds the fencing token in HOLDFAST_TOKEN; ' +
        'it is ended when the lock is lost, and gets SIGTERM when this process does. Ends with ' +
        'the code of the command.',
    )
    .option('--timeout <ms>', 'how long to wait for the lock; for ever by default', milliseconds)
    .option('--lease <ms>', 'how long the lock outlives this process at most', milliseconds, 30_000)
    .addHelpText(
      'after',
      `
Examples:
  holdfast lock run nightly -- ./backup.sh
  holdfast lock run nightly --timeout 0 -- sh -c 'echo token $HOLDFAST_TOKEN'`,
    )
    .action((name: string, words: string[], options: RunOptions) =>
      runLocked(name, words, options, terminal),
    );
  withDatabaseChoice(lock.command('break <name>'))
    .summary('take a lock from its holders')
    .description('Takes a lock from its holder, whose fenced writes are refused from then on.')
    .option('--json', 'print one JSON object')
    .addHelpText('after', '\nExamples:\n  holdfast lock break nightly')
    .action((name: string, options: NamedOptions) => breakLock(name, options, terminal));
}

function listLocks(options: LockListOptions, terminal: Terminal): Promise<void> {
  return showLocks(options, terminal);
}

async function showLocks(
  options: LockListOptions,
  terminal: Terminal,
  name?: string,
): Promise<void> {
  const locks = await withLockers(options, async (lockers) =>
    name === undefined ? lockers.list() : [await rightly(lockers.status(name))],
  );
  if (options.json) {
    const listed = locks.map((lock) => ({
      ...withToken(lock),
      holders: lock.holders.map(withToken),
    }));
    const report =
      name === undefined
        ? { schema: 'holdfast.locks/1', locks: listed }
        : { schema: 'holdfast.lock/1', ...listed[0] };
    terminal.print(`${JSON.stringify(report, null, 2)}\n`);
    return;
  }
  terminal.print(
    textTable(
      [
        { head: 'Lock', align: 'left' },
        { head: 'Holder', align: 'left' },
        { head: 'Held', align: 'left' },
        { head: 'Token', align: 'right' },
        { head: 'Until', align: 'left' },
        { head: 'Waiting', align: 'right' },
      ],
      locks.flatMap(rowsOf),
      terminal.bold,
    ),
  );
}

/** A row for each who holds the lock, the first with its name and line; one row when it is free. */
function rowsOf({ _id, holders, token, waiting }: LockStatus): string[][] {
  if (holders.length === 0) return [[_id, '(free)', '', String(token), '', String(waiting.length)]];
  return holders.map((holder, place) => [
    place === 0 ? _id : '',
    holder.owner,
    sharing(holder),
    String(holder.token),
    holder.expiresAt.toISOString(),
    place === 0 ? String(waiting.length) : '',
  ]);
}

function sharing({ permits }: LockHolder): string {
  if (permits === 1) return 'alone';
  return permits === Number.POSITIVE_INFINITY ? 'to read' : `1 of ${permits}`;
}

async function runLocked(
  name: string,
  words: readonly string[],
  { timeout = Number.POSITIVE_INFINITY, lease, ...choice }: RunOptions,
  terminal: Terminal,
): Promise<void> {
  const { LockTimeoutError } = await import('@holdfast/locker-room');
  const { runUnder } = await import('./lock-run.ts');
  const { Interruption } = await import('./interruption.ts');
  // The command gets Ctrl-C from the terminal; this process outlives it, to give the lock back.
  using interruption = new Interruption();
  const { code, wasLost } = await withLockers(choice, async (lockers) => {
    const { signal } = interruption;
    const asked = rightly(lockers.lock(name, { timeout, lease, signal }));
    const lock = await asked.catch((error: unknown): never => {
      if (signal.aborted)
        throw new DeskError('condition', `interrupted while waiting for "${name}"`);
      if (!(error instanceof LockTimeoutError)) throw error;
      throw new DeskError('condition', error.message, 'See who holds it: holdfast lock ls');
    });
    try {
      return await runUnder(lock, words).catch((error: unknown): never => {
        const fault = systemFault(error);
        if (fault === undefined) throw error;
        throw new DeskError('usage', `${words[0]} could not be started: ${fault}`);
      });
    } finally {
      await lock.release().catch(() => {}); // lost meanwhile: told below
    }
  });
  if (wasLost) {
    throw new DeskError('condition', `the lock "${name}" was lost, so ${words[0]} was ended`);
  }
  if (code !== 0) throw new CommandEnded(code);
  terminal.say(`"${name}" was held all the time.`);
}

async function breakLock(name: string, options: NamedOptions, terminal: Terminal): Promise<void> {
  const broken = await withLockers(options, (lockers) => rightly(lockers.break(name)));
  if (options.json) {
    const report = { schema: 'holdfast.lock-break/2', broken: broken.map(withToken) };
    terminal.print(`${JSON.stringify(report, null, 2)}\n`);
    return;
  }
  if (broken.length === 0) throw new DeskError('condition', `nobody holds the lock "${name}"`);
  for (const { owner, token } of broken) {
    terminal.print(`"${name}" was taken from ${owner}, who held it with token ${token}.\n`);
  }
}

/** What was asked of the locks; a name or a lease that breaks a rule is the caller's to mend. */
async function rightly<T>(asked: Promise<T>): Promise<T> {
  try {
    return await asked;
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    throw new DeskError('usage', error.message, undefined, { cause: error });
  }
}

/** As JSON can hold it. */
function withToken<T extends { readonly token: bigint }>(
  of: T,
): Omit<T, 'token'> & { token: string } {
  return { ...of, token: String(of.token) };
}

function withLockers<T>(
  choice: DatabaseChoice,
  work: (lockers: LockerRoom) => Promise<T>,
): Promise<T> {
  return withDatabase(choice, async (db) => {
    const { LockerRoom: Room } = await import('@holdfast/locker-room');
    const place = { client: db.client, database: db.databaseName, collection: 'locks' };
    await using lockers = new Room(place);
    return await work(lockers);
  });
}

function milliseconds(text: string): number {
  if (/^\d+$/.test(text)) return Number(text);
  throw new InvalidArgumentError('Milliseconds, as 5000.');
}
