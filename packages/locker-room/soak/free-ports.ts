import { createServer } from 'node:net';

/**
 * The first of as many free ports in a row, for members that are killed and come back to theirs.
 *
 * They lie below those that the system gives to outgoing connections: one of these might take a
 * killed member's port.
 */
export async function freePorts(count: number): Promise<number> {
  for (let first = 12_000 + (process.pid % 900) * 20; first + count <= 32_000; first += count) {
    const free = await Promise.all(Array.from({ length: count }, (_, at) => isFree(first + at)));
    if (free.every(Boolean)) return first;
  }
  throw new RangeError(`no ${count} free ports in a row`);
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}
