/** The terms of the model: its bounds and rules, what lies where in a state, and what may happen. */

/** What bounds the states; each is a number of events in one run. */
export interface Bounds {
  readonly clients: number;
  /** Times that each client asks for the lock. */
  readonly rounds: number;
  /** Grants, by all. */
  readonly tokens: number;
  /** Writes that no majority has yet, at once. */
  readonly pending: number;
  readonly failOvers: number;
  readonly lostReplies: number;
  readonly deaths: number;
  readonly renewals: number;
  readonly writes: number;
  /** Waits that are given up. */
  readonly aborts: number;
  readonly tryLocks: number;
}

/** How it is done; the defaults are what the package does. */
export interface Rules {
  /** What a fenced write does: change the lock's document too, found or not, or read it before. */
  readonly write: 'touches' | 'touches-unchecked' | 'asks-before';
  /** Whether only the owner releases. */
  readonly owner: boolean;
  /** Who has a write when it is acknowledged. */
  readonly acknowledgedBy: 'majority' | 'primary';
  /** Whether those in line go first. */
  readonly line: boolean;
  /** Whether the document stays when the lock is released, and its token with it. */
  readonly keeps: boolean;
  /** Whether those who wait ask by themselves. */
  readonly polls: boolean;
  /**
   * Who is called otherwise: the first in line by a release; all who wait by each change that a
   * majority has. Besides, all are called when a lease ends or somebody's time in line is up.
   */
  readonly calls: 'first' | 'all';
  /** Whether time in line may be up for the living too, who then ask; else it is for the dead only. */
  readonly beats: boolean;
}

export const rulesOfPackage: Rules = {
  write: 'touches',
  owner: true,
  acknowledgedBy: 'majority',
  line: true,
  keeps: true,
  polls: true,
  calls: 'first',
  beats: true,
};

// A version of the document: who holds it (an asker's id, 0 for nobody), its token, when the lease
// ends (0 when it is over), the line (ids, and 8 when their time is up), the token in the data, and
// the answer to the last request of each client.
export const inVersion = { grant: 0, token: 1, end: 2, line: 3, fence: 6, answer: 7 } as const;
export const versionSize = 10;
export const timeIsUp = 8;

export const inClient = {
  phase: 0,
  round: 1,
  dead: 2,
  replyLost: 3,
  called: 4,
  token: 5,
  end: 6,
  /** Who stands before it in line, one bit each, as they knew when it came. */
  ahead: 7,
  /** Whether it was told that it stands in line. */
  inLine: 8,
  kind: 9,
} as const;
export const clientSize = 10;

export const phase = {
  idle: 0,
  asking: 1,
  waiting: 2,
  held: 3,
  releasing: 4,
  /** About to touch the lock's document. */
  writing: 5,
  /** Its transaction is open. */
  touched: 6,
  committing: 7,
  extending: 8,
  /** Gives up: leaves the line, gives back what it was granted. */
  leaving: 9,
  /** Gives back what was granted too late, to ask again. */
  yielding: 10,
  /** Has read the lock's document, and is about to write (`asks-before`). */
  asked: 11,
} as const;

export const kind = { stand: 0, stay: 1, leave: 2 } as const;

/** Answers; a grant is 8 and its token, a release 16 and who is next. */
export const answer = { none: 0, refused: 1, done: 2, notOwner: 3, granted: 8, released: 16 };

export const actions = [
  'asks for the lock',
  'asks once (tryLock)',
  'is executed',
  'gets its answer',
  'gets its answer, but too late',
  'gets its answer, but has given up',
  'loses its reply',
  'sends it again',
  'asks again',
  'asks again and is alive',
  'gives up waiting',
  'releases',
  'begins a fenced write',
  'extends',
  'touches the lock',
  'commits its write',
  'begins its write anew',
  'has its transaction ended by the server',
  'dies',
  'a majority has the next write',
  'fail-over; of the writes without a majority these stay:',
  'the next lease ends',
  'the time in line is up of place',
] as const;
/** An action is its place in `actions` times 4, and a client's, place's or other number. */
export type Action = number;
export const act: Record<(typeof actions)[number], number> = Object.fromEntries(
  actions.map((name, index) => [name, index * 4]),
) as Record<(typeof actions)[number], number>;
const notOwed = new Set(
  (
    [
      'asks for the lock',
      'asks once (tryLock)',
      'loses its reply',
      'gives up waiting',
      'gets its answer, but has given up',
      'releases',
      'begins a fenced write',
      'extends',
      'dies',
      'fail-over; of the writes without a majority these stay:',
    ] as const
  ).map((name) => act[name] / 4),
);

/** Whether it happens by itself sooner or later, with no fault and nobody's wish. */
export const isOwed = (action: Action): boolean => !notOwed.has(action >> 2);

export function nameOf(action: Action): string {
  const name = actions[action >> 2] ?? '?';
  const isClients = action < act['a majority has the next write'];
  return isClients ? `client ${(action & 3) + 1} ${name}` : `${name} ${action & 3}`;
}
