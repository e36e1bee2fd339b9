import type { FastifyInstance } from 'fastify';
import { DeskError } from '../desk-error.ts';

const loopback = new Set(['127.0.0.1', 'localhost', '::1', '[::1]']);

/**
 * The names to which a desk that listens on `host` answers.
 *
 * @throws {DeskError} `usage`, when other machines could reach it: there is no password yet
 */
export function allowedHosts(host: string): ReadonlySet<string> {
  if (!loopback.has(host)) {
    throw new DeskError(
      'usage',
      `--host ${host} would open the desk to other machines, and it has no password yet`,
      'Leave --host out, and from elsewhere use: ssh -L 4780:127.0.0.1:4780 THIS-MACHINE',
    );
  }
  return new Set(['127.0.0.1', 'localhost', '[::1]']);
}

/**
 * Starts to listen and returns the address of the page.
 *
 * @throws {DeskError} `unreachable`, when the port is taken or not allowed
 */
export async function listen(app: FastifyInstance, host: string, port: number): Promise<string> {
  try {
    return `${await app.listen({ host: host.replace(/^\[|\]$/g, ''), port })}/`;
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'EADDRINUSE') {
      throw new DeskError(
        'unreachable',
        `port ${port} is taken by another program`,
        `Choose another with --port, for example: --port ${port + 1}; --port 0 takes a free one.`,
        { cause: error },
      );
    }
    if (code === 'EACCES') {
      throw new DeskError(
        'unreachable',
        `port ${port} may not be opened by this user`,
        'Choose a port above 1023 with --port.',
        { cause: error },
      );
    }
    throw error;
  }
}

/** As `listen`; takes any free port when `preferred` is taken. */
export async function listenAnywhere(
  app: FastifyInstance,
  host: string,
  preferred: number,
): Promise<string> {
  try {
    return await listen(app, host, preferred);
  } catch (error) {
    if (!(error instanceof DeskError)) throw error;
    return listen(app, host, 0);
  }
}
