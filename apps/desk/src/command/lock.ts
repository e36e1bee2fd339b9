import type { Command } from 'commander';
import type { Terminal } from '../terminal/terminal.ts';
import { textTable } from '../terminal/text-table.ts';
import { type DatabaseChoice, withDatabase, withDatabaseChoice } from './database-choice.ts';

type LockListOptions = DatabaseChoice & { readonly json?: true };

/** `holdfast lock ls`: who holds which lock, and who waits. */
export function addLock(program: Command, terminal: Terminal): void {
  const lock = program
    .command('lock')
    .summary('list the locks of the desks: lock ls')
    .description('Lists the locks of the desks.');
  withDatabaseChoice(lock.command('ls'))
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
}

async function listLocks(options: LockListOptions, terminal: Terminal): Promise<void> {
  const locks = await withDatabase(options, async (db) => {
    const { LockerRoom } = await import('@holdfast/locker-room');
    const lockers = new LockerRoom({
      client: db.client,
      database: db.databaseName,
      collection: 'locks',
    });
    return lockers.list();
  });
  if (options.json) {
    const listed = locks.map((lock) => ({ ...lock, token: String(lock.token) }));
    terminal.print(`${JSON.stringify({ schema: 'holdfast.locks/1', locks: listed }, null, 2)}\n`);
    return;
  }
  terminal.print(
    textTable(
      [
        { head: 'Lock', align: 'left' },
        { head: 'Owner', align: 'left' },
        { head: 'Token', align: 'right' },
        { head: 'Until', align: 'left' },
        { head: 'Waiting', align: 'right' },
      ],
      locks.map(({ _id, owner, token, expiresAt, waiting }) => [
        _id,
        owner ?? '(free)',
        String(token),
        expiresAt?.toISOString() ?? '',
        String(waiting.length),
      ]),
      terminal.bold,
    ),
  );
}
