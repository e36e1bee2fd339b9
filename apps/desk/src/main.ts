import { enableCompileCache } from 'node:module';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { ExitCode } from './exit-code.ts';

// The second start takes half the time. Not in /tmp, where another user could leave code for us.
const cache = join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'holdfast');
enableCompileCache(cache);
// The members' threads read it from here.
process.env.NODE_COMPILE_CACHE ??= cache;

// A command whose output nobody reads any more, as behind `| head`, still does what it is to do.
// One whose output is lost otherwise, as on a full disk, ends: it would seem to be whole.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') return;
    if (stream === process.stdout) process.stderr.write(`holdfast: stdout: ${error.message}\n`);
    process.exit(ExitCode.data);
  });
}

const { runCommandLine } = await import('./command/program.ts');
const { processTerminal } = await import('./terminal/terminal.ts');
process.exitCode = await runCommandLine(process.argv.slice(2), processTerminal());
