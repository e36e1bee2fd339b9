import { type DestinationStream, type Logger, pino } from 'pino';

/** The desk's log: JSON lines off a terminal, quiet sentences on one. */
export type Log = Logger;

const secrets = [
  'authorization',
  'password',
  'secret',
  'token',
  'cookie',
  'consumerSecret',
  'tokenSecret',
];

/**
 * Opens the log on `stream`, which is stderr.
 *
 * Secrets are replaced where they stand in a known field, and passwords in any address. The text
 * of posts belongs at debug level, which `HOLDFAST_LOG=debug` turns on; a terminal shows
 * warnings and worse.
 */
export function openLog(
  stream: NodeJS.WritableStream & { readonly isTTY?: boolean },
  environment: NodeJS.ProcessEnv = process.env,
): Log {
  const onTerminal = stream.isTTY === true;
  const level = environment.HOLDFAST_LOG ?? (onTerminal ? 'warn' : 'info');
  const destination: DestinationStream = {
    write: (line) => {
      const safe = withoutPasswords(line);
      stream.write(onTerminal ? sentence(safe) : safe);
    },
  };
  return pino(
    {
      level: level in pino.levels.values ? level : 'info',
      base: { pid: process.pid },
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      redact: { paths: secrets.flatMap((name) => [name, `*.${name}`]), censor: '(hidden)' },
    },
    destination,
  );
}

/** Replaces the password of every address in `text`: `mongodb://desk:secret@host` keeps its host. */
export function withoutPasswords(text: string): string {
  return text.replace(/([a-z][a-z0-9+.-]*:\/\/[^\s:/@"]*):[^\s@"]+@/gi, '$1:(hidden)@');
}

function sentence(line: string): string {
  const { level, msg, err }: { level?: string; msg?: string; err?: { message?: string } } =
    JSON.parse(line);
  const detail = err?.message === undefined ? '' : `: ${err.message}`;
  return `holdfast: ${level === 'info' ? '' : `${level}: `}${msg ?? ''}${detail}\n`;
}
