import type { Command } from 'commander';
import type { SourceStatus } from '../status-report.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { type DatabaseChoice, withDatabase, withDatabaseChoice } from './database-choice.ts';

/** `holdfast status`: what became of the posts of each source. */
export function addStatus(program: Command, terminal: Terminal): void {
  withDatabaseChoice(program.command('status'))
    .summary('show what the running desk has received and stored')
    .description('Shows what the running desk has received and stored, and what may be missing.')
    .option('--json', 'print one JSON object')
    .addHelpText(
      'after',
      `
Examples:
  holdfast status
  holdfast status --json --data /tmp/desk`,
    )
    .action((options: DatabaseChoice & { readonly json?: true }) => status(options, terminal));
}

async function status(
  options: DatabaseChoice & { readonly json?: true },
  terminal: Terminal,
): Promise<void> {
  const report = await withDatabase(options, async (db) => {
    const { LockerRoom } = await import('@holdfast/locker-room');
    const { countUnread } = await import('../store/queue.ts');
    const { readSourceStatuses } = await import('../store/source-status.ts');
    const { storeOf } = await import('../store/store.ts');
    const store = storeOf(db);
    const lockers = new LockerRoom({
      client: db.client,
      database: db.databaseName,
      collection: 'locks',
    });
    return {
      schema: 'holdfast.sources/1',
      database: db.databaseName,
      unread: await countUnread(store),
      sources: await readSourceStatuses(store, lockers),
    };
  });
  if (options.json) {
    terminal.print(`${JSON.stringify(report, null, 2)}\n`);
    return;
  }
  terminal.print(`Database  ${report.database}\nUnread    ${report.unread}\n`);
  for (const source of report.sources) terminal.print(sourceText(source));
}

function sourceText(source: SourceStatus): string {
  const { received, stored, duplicates, deleted, gaps, lockOwner, lockToken, lastPostAt } = source;
  const lines = [
    ['Source', source.source],
    ['  received', String(received)],
    ['  stored', String(stored)],
    ['  duplicates', String(duplicates)],
    ['  deleted', String(deleted)],
    ['  last post', lastPostAt ?? 'none yet'],
    ['  read by', `${lockOwner ?? 'nobody'} (token ${lockToken})`],
    ...gaps.map(({ from, to, reason, missed }) => [
      '  gap',
      `${from} to ${to} (${reason}${missed === null ? '' : `, ${missed} posts`})`,
    ]),
  ];
  return lines.map(([name = '', value = '']) => `${name.padEnd(14)}${value}\n`).join('');
}
