import { join } from 'node:path';
import type { Contestant } from './contest.ts';
import { PeerProcess } from './peer-process.ts';

/** Those that are held beside this package. */
export interface Peers {
  readonly java: PeerProcess | undefined;
  /** Whether npm's packages are there. */
  readonly npm: boolean;
}

/** What each side does with a file, by the name that a table has for it. */
export interface Sides {
  readonly file: string;
  /** The records or texts in it. */
  readonly count: number;
  readonly java?: string;
  readonly own: Readonly<Record<string, string>>;
  readonly npm?: Readonly<Record<string, string>>;
}

const nodePeer = join(import.meta.dirname, 'node-peer.ts');

/** Starts a process for each side but Java's, which is there, and hands them to `use`. */
export async function withSides<T>(
  { java, npm: hasNpm }: Peers,
  { file, count, java: order, own, npm = {} }: Sides,
  use: (contestants: ReadonlyMap<string, Contestant>) => Promise<T>,
): Promise<T> {
  await using processes = new AsyncDisposableStack();
  const contestants = new Map<string, Contestant>();
  if (java !== undefined && order !== undefined) {
    contestants.set('JDK', () => java.time(`${order} ${file} ${count}`));
  }
  for (const [name, work] of Object.entries({ ...own, ...(hasNpm ? npm : {}) })) {
    const args = ['--expose-gc', nodePeer, work, file];
    const process_ = processes.use(await PeerProcess.start(process.execPath, args));
    contestants.set(name, () => process_.time('go'));
  }
  return await use(contestants);
}
