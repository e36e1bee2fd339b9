import type { Command } from 'commander';
import { dataDirectory } from '../data-directory.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { defaultPort, portNumber } from './port-number.ts';
import type { StartOptions } from './start-desk.ts';

/** `holdfast start`: the desk, until it is interrupted. */
export function addStart(program: Command, terminal: Terminal): void {
  program
    .command('start')
    .summary('open the reading desk; Ctrl-C ends it')
    .description('Opens the reading desk and prints its address. Ctrl-C ends it.')
    .option('--demo', 'with made-up posts, a sample portfolio and real prices')
    .option('--data <dir>', `where everything is kept (default: ${dataDirectory(undefined)})`)
    .option('--port <number>', `port of the page (default: ${defaultPort})`, portNumber)
    .option('--host <name>', 'address to listen on; only this machine for now', '127.0.0.1')
    .option('--mongo-uri <uri>', 'use this MongoDB replica set in place of the embedded one')
    .addHelpText(
      'after',
      `
Examples:
  holdfast start --demo
  holdfast start --demo --data /tmp/desk --port 4790
  holdfast start --demo --mongo-uri 'mongodb://127.0.0.1:27117/?replicaSet=rs0'`,
    )
    .action(async (options: StartOptions) => {
      const { startDesk } = await import('./start-desk.ts');
      await startDesk(options, terminal);
    });
}
