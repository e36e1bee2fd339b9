import { InvalidArgumentError } from 'commander';

/** Port of the desk unless another is asked for. */
export const defaultPort = 4780;

/** Reads a port from the command line. */
export function portNumber(text: string): number {
  const port = Number(text);
  if (/^\d+$/.test(text) && port <= 65_535) return port;
  throw new InvalidArgumentError('A port is a number from 0 to 65535.');
}
