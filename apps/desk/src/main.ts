import { enableCompileCache } from 'node:module';
import { homedir } from 'node:os';
import { join } from 'node:path';

// The second start takes half the time. Not in /tmp, where another user could leave code for us.
enableCompileCache(join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'holdfast'));

const { runCommandLine } = await import('./command/program.ts');
const { processTerminal } = await import('./terminal/terminal.ts');
process.exitCode = await runCommandLine(process.argv.slice(2), processTerminal());
