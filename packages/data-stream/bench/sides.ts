import { join } from 'node:path';
import { type Contestant, hold, type Rounds } from './contest.ts';
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
  /** Milliseconds for which each does its work a round, again and again; once at least. */
  readonly turn: number;
  readonly java?: string;
  readonly own: Readonly<Record<string, string>>;
  readonly npm?: Readonly<Record<string, string>>;
}

const nodePeer = join(import.meta.dirname, 'node-peer.ts');

/**
 * Lets the sides go a number of rounds, in three parts, each with processes of its own but for
 * Java's, which stays: what a compiler makes of a program is not the same each time.
 */
export async function holdSides(peers: Peers, sides: Sides, rounds: number): Promise<Rounds> {
  const parts: Rounds[] = [];
  for (let part = 0; part < 3; part++) {
    parts.push(await holdOnce(peers, sides, Math.ceil(rounds / 3)));
  }
  const names = [...(parts[0]?.keys() ?? [])];
  return new Map(names.map((name) => [name, parts.flatMap((each) => each.get(name) ?? [])]));
}

async function holdOnce(
  { java, npm: hasNpm }: Peers,
  { file, count, turn, java: order, own, npm = {} }: Sides,
  rounds: number,
): Promise<Rounds> {
  await using processes = new AsyncDisposableStack();
  const contestants = new Map<string, Contestant>();
  if (java !== undefined && order !== undefined) {
    contestants.set('JDK', () => java.time(`${order} ${file} ${count} ${turn}`));
  }
  for (const [name, work] of Object.entries({ ...own, ...(hasNpm ? npm : {}) })) {
    // V8 gives memory back while it waits for its turn, and would have to take it again.
    const args = ['--expose-gc', '--no-memory-reducer', nodePeer, work, file];
    const process_ = processes.use(await PeerProcess.start(process.execPath, args));
    contestants.set(name, () => process_.time(`${turn}`));
  }
  return await hold(contestants, rounds, turn > 0 ? 3 : 10);
}
