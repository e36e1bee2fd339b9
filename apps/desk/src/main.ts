import { runCommandLine } from './command/program.ts';
import { processTerminal } from './terminal/terminal.ts';

process.exitCode = await runCommandLine(process.argv.slice(2), processTerminal());
