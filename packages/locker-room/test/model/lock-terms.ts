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
  /** Change streams that are lost. */
  readonly streamLosses: number;
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
  /** Which writes hand the lock on that they leave free: all, or all but a withdrawal. */
  readonly handsOn: 'always' | 'not-when-withdrawn';
  /** Which calls those who wait take for a grant: newer ones than their last answer, or any. */
  readonly trusts: 'newer' | 'any';
  /** Whether those who wait ask by themselves; else when they are called or their time has come. */
  readonly polls: boolean;
  /** Whether those who do not poll ask once more when their change stream is open. */
  readonly asksWhenOpen: boolean;
  /** Whether they ask when the lease ends that the first in line waits for, or who is before is gone. */
  readonly asksInTime: boolean;
  /** Whether each question takes the call before out of the document, so that the next is a change. */
  readonly clears: boolean;
  /** Whether time in line may be up for the living too, who then ask; else it is for the dead only. */
  readonly beats: boolean;
}

export const rulesOfPackage: Rules = {
  write: 'touches',
  owner: true,
  acknowledgedBy: 'majority',
  line: true,
  keeps: true,
  handsOn: 'always',
  trusts: 'newer',
  polls: true,
  asksWhenOpen: true,
  asksInTime: true,
  clears: true,
  beats: true,
};

// A version of the document: who holds it (an asker's id, 0 for nobody), its token, when the lease
// ends (0 when it is over), the line (ids, and 8 when their time is up), to whom it was handed on, the
// token in the data, and the answer to the last request of each client.
export const inVersion = {
  grant: 0,
  token: 1,
  end: 2,
  line: 3,
  called: 6,
  fence: 7,
  answer: 8,
} as const;
export const versionSize = 11;
export const timeIsUp = 8;

export const inClient = {
  phase: 0,
  round: 1,
  dead: 2,
  replyLost: 3,
  /** Whether it has to ask again, though it does not poll. */
  woken: 4,
  /** That of the lock it holds; of one who waits, the last that it was told of. */
  token: 5,
  end: 6,
  /** Who stands before it in line, one bit each, as they knew when it came. */
  ahead: 7,
  /** Whether it was told that it stands in line. */
  inLine: 8,
  kind: 9,
  /** Whether its change stream is open; those who poll are told all the same. */
  listens: 10,
  /** With which token it was told that the lock was handed on to it. */
  called: 11,
} as const;
export const clientSize = 12;

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

/** `stay` is as `stand` here: no time passes but by a step of its own. */
export const kind = { stand: 0, leave: 1 } as const;

/** Answers; a grant is 8 and its token, a release 16 and who has the lock now. */
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
  'takes the lock that was handed on',
  'has its stream opened',
  'has its stream lost',
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
      'has its stream lost',
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
