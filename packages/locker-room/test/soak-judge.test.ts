/** The soak's checker on small rounds made by hand: each promise broken in turn, and what excuses it. */
import { expect, test } from 'vitest';
import { Diary, type Fault } from '../soak/diary.ts';
import { History } from '../soak/history.ts';
import type { Entry, Noted, Outcome } from '../soak/journal.ts';
import { judge } from '../soak/judge.ts';
import type { Line } from '../soak/line-watch.ts';
import { changeOf, type LockState } from '../soak/lock-change.ts';
import { promises } from '../soak/promise.ts';
import type { SideName } from '../soak/side.ts';
import { Tally } from '../soak/tally.ts';
import type { Change } from '../soak/watch.ts';

const lease = 100;

/**
 * One lock: `a` of worker w1 holds it from 1000 to 1050 with token 1 and counts to 2, then `b` of
 * w2 from 2000 to 2050 with token 2 and counts to 4. All clocks are one.
 */
class Round {
  readonly diary: Diary = new Diary();
  readonly lines: Line[] = [];
  counter = 4;
  readonly #side: SideName;
  #notes: [worker: string, note: Noted][] = [];
  #effects: { readonly seenAt: number; readonly write: string; readonly n: number }[] = [];
  #locks: { readonly seenAt: number; readonly state: LockState }[] = [];

  constructor(side: SideName = 'locker-room') {
    this.#side = side;
    this.ask('w1', 'a', -2000);
    this.hold('w1', 'a', 1, 1000);
    this.write('w1', 'a1', 1010, 1);
    this.write('w1', 'a2', 1020, 2);
    this.release('w1', 'a', 1, 1050);
    this.ask('w2', 'b', -1500);
    this.hold('w2', 'b', 2, 2000);
    this.write('w2', 'b1', 2010, 3);
    this.write('w2', 'b2', 2020, 4);
    this.release('w2', 'b', 2, 2050);
  }

  note(worker: string, at: number, entry: Entry): void {
    this.#notes.push([worker, { at, ...entry }]);
  }

  lock(seenAt: number, token: number, ...holders: LockState['holders']): void {
    this.#locks.push({ seenAt, state: { token, holders } });
  }

  effect(seenAt: number, write: string, n: number): void {
    this.#effects.push({ seenAt, write, n });
  }

  ask(worker: string, request: string, at: number, timeout?: number): void {
    const side = this.#side;
    this.note(worker, at, { kind: 'ask', side, request, name: 'ant', lease, timeout });
  }

  hold(worker: string, request: string, token: number, at: number): void {
    const isFenced = this.#side === 'locker-room';
    this.note(worker, at + 2, { kind: 'granted', request, ...(isFenced && { token }) });
    if (isFenced) this.lock(at + 1, token, holder(request, token, at));
  }

  /** A write that takes 4 ms, and effect in the middle unless `n` is null. */
  write(
    worker: string,
    write: string,
    at: number,
    n: number | null,
    outcome: Outcome = 'acknowledged',
  ): void {
    const request = write.slice(0, 1);
    this.note(worker, at, { kind: 'write', request, write, to: 'counter' });
    if (n !== null) this.effect(at + 2, write, n);
    this.note(worker, at + 4, { kind: 'told', request, write, outcome, reason: 'superseded' });
  }

  release(worker: string, request: string, token: number, at: number): void {
    this.note(worker, at, { kind: 'releasing', request });
    if (this.#side === 'locker-room') this.lock(at + 1, token);
    this.note(worker, at + 2, { kind: 'end', request, outcome: 'released' });
  }

  /** Takes away what was noted and seen between two times. */
  erase(from: number, to: number): void {
    this.#notes = this.#notes.filter(([, { at }]) => at < from || at > to);
    this.#effects = this.#effects.filter(({ seenAt }) => seenAt < from || seenAt > to);
    this.#locks = this.#locks.filter(({ seenAt }) => seenAt < from || seenAt > to);
  }

  judge(): { readonly broken: string[]; readonly counts: Readonly<Record<string, number>> } {
    const history = new History();
    for (const [worker, note] of this.#notes) history.add(worker, [note]);
    const none = { counters: new Map<string, number>(), history: new Set<string>() };
    const contents = { 'locker-room': none, redlock: none };
    contents[this.#side] = { ...none, counters: new Map([['ant', this.counter]]) };
    const changes = this.#changes().toSorted((a, b) => a.seenAt - b.seenAt);
    const tallies = { 'locker-room': new Tally(), redlock: new Tally() };
    const { diary, lines } = this;
    judge({ history, diary, changes, lines, contents, wallClock: 0 }, tallies);
    const broken = Object.values(tallies).flatMap(({ findings }) => findings);
    return { broken: broken.map(({ promise }) => promise), counts: tallies[this.#side].counts };
  }

  #changes(): Change[] {
    const side = this.#side;
    const effects = this.#effects.map((effect): Change => {
      return { kind: 'effect', side, name: 'ant', ...effect };
    });
    const states = this.#locks.toSorted((a, b) => a.seenAt - b.seenAt);
    const locks = states.flatMap(({ seenAt, state }, index) => {
      return changeOf('ant', seenAt, states[index - 1]?.state, state) ?? [];
    });
    return [...effects, ...locks];
  }
}

function holder(owner: string, token: number, timestamp: number): LockState['holders'][number] {
  return { owner, token, timestamp, expiresAt: timestamp + lease };
}

function fault(from: number, to: number): Fault {
  return { name: 'step-down', isOfClocks: false, from, to };
}

test('nothing is found where nothing is broken', () => {
  const { broken, counts } = new Round().judge();
  expect(broken).toEqual([]);
  expect(counts).toMatchObject({ grants: 2, 'writes acknowledged': 4, 'updates lost': 0 });
});

test.each<{ what: string; breaks: (keyof typeof promises)[]; by: (round: Round) => void }>([
  {
    what: 'a write that was sent in time and took effect after the next grant',
    breaks: ['stale'],
    by: (round) => {
      round.erase(1020, 1024);
      round.note('w1', 1020, { kind: 'write', request: 'a', write: 'a2', to: 'counter' });
      round.effect(2005, 'a2', 2);
      const told = { request: 'a', write: 'a2', outcome: 'acknowledged' } as const;
      round.note('w1', 2006, { kind: 'told', ...told });
    },
  },
  {
    what: 'a write that was begun after the next holder was told',
    breaks: ['stale', 'told', 'counted'],
    by: (round) => round.write('w1', 'a3', 2030, 3),
  },
  {
    what: 'such a write that the stream puts before the grant',
    breaks: ['told', 'counted'],
    by: (round) => {
      round.write('w1', 'a3', 2030, null);
      round.effect(1030, 'a3', 3);
    },
  },
  {
    what: 'a token that is granted twice',
    breaks: ['tokens'],
    by: (round) => {
      round.ask('w1', 'c', 2500);
      round.hold('w1', 'c', 2, 3000);
      round.release('w1', 'c', 2, 3050);
    },
  },
  {
    what: 'a token that is left out',
    breaks: ['tokens'],
    by: (round) => {
      round.ask('w1', 'c', 2500);
      round.hold('w1', 'c', 4, 3000);
      round.release('w1', 'c', 4, 3050);
    },
  },
  {
    what: 'a token that was granted to another request than the one that was told',
    breaks: ['tokens'],
    by: (round) => {
      round.ask('w1', 'c', 2500);
      round.note('w1', 2060, { kind: 'granted', request: 'c', token: 2 });
    },
  },
  {
    what: 'a lock that is granted while the lease of another runs',
    breaks: ['apart'],
    by: (round) => {
      round.erase(2050, 2052);
      round.ask('w1', 'c', 2030);
      round.hold('w1', 'c', 3, 2060);
      round.release('w1', 'c', 3, 2070);
    },
  },
  {
    what: 'a lock that two hold at a time',
    breaks: ['apart'],
    by: (round) => {
      round.erase(2051, 2051);
      round.ask('w1', 'c', 2030);
      round.hold('w1', 'c', 3, 2040);
      round.erase(2041, 2041);
      round.lock(2041, 3, holder('b', 2, 2000), holder('c', 3, 2040));
      round.release('w1', 'c', 3, 2060);
    },
  },
  {
    what: 'a lock that is given back by somebody else',
    breaks: ['giver'],
    by: (round) => round.lock(2030, 2),
  },
  {
    what: 'an acknowledged write without effect',
    breaks: ['kept', 'counted'],
    by: (round) => round.write('w2', 'b3', 2030, null),
  },
  {
    what: 'a write that takes effect twice',
    breaks: ['kept', 'counted'],
    by: (round) => {
      round.effect(2035, 'b2', 5);
      round.counter = 5;
    },
  },
  {
    what: 'a refused write that takes effect',
    breaks: ['refused', 'counted'],
    by: (round) => {
      round.write('w2', 'b3', 2030, 5, 'refused');
      round.counter = 5;
    },
  },
  {
    what: 'a counter that is less than was acknowledged',
    breaks: ['counted'],
    by: (round) => {
      round.counter = 3;
    },
  },
  {
    what: 'a write that overwrites one that it has not read',
    breaks: ['counted'],
    by: (round) => round.write('w2', 'b3', 2030, 4, 'unknown'),
  },
  {
    what: 'a counter that is not what the stream has told',
    breaks: ['counted'],
    by: (round) => {
      round.write('w2', 'b3', 2030, null, 'unknown');
      round.counter = 5;
    },
  },
  {
    what: 'a holder that notices the end of its lease after it',
    breaks: ['signal'],
    by: (round) => {
      round.erase(2050, 2052);
      round.note('w2', 2120, { kind: 'lost', request: 'b' });
    },
  },
  {
    what: 'one who is served before another who stood before it in line',
    breaks: ['order'],
    by: (round) => round.lines.push({ name: 'ant', at: 900, requests: ['b', 'a'] }),
  },
  {
    what: 'an error',
    breaks: ['quiet'],
    by: (round) => {
      round.ask('w1', 'c', 2500);
      const reason = 'TypeError: no';
      round.note('w1', 2510, { kind: 'end', request: 'c', outcome: 'failed', reason });
    },
  },
])('finds $what', ({ by, breaks }) => {
  const round = new Round();
  by(round);
  expect(round.judge().broken.toSorted()).toEqual(breaks.map((name) => promises[name]).toSorted());
});

test.each<{ what: string; by: (round: Round) => void }>([
  { what: 'paused', by: ({ diary }) => diary.pauses.push({ worker: 'w2', from: 2060, to: 2110 }) },
  { what: 'stalled', by: (round) => round.note('w2', 2119, { kind: 'stall', from: 2060 }) },
  {
    what: 'struck by a fault of the members',
    by: ({ diary }) => diary.faults.push(fault(1990, 2010)),
  },
])('a holder that was $what may notice the end of its lease late', ({ by }) => {
  const round = new Round();
  round.erase(2050, 2052);
  round.note('w2', 2120, { kind: 'lost', request: 'b' });
  by(round);
  expect(round.judge().broken).toEqual([]);
});

test.each<{ what: string; by: (round: Round) => void }>([
  {
    what: 'the members were struck for long',
    by: ({ diary }) => diary.faults.push(fault(-500, 950)),
  },
  {
    what: 'a clock of the members was wrong',
    by: ({ diary }) => diary.faults.push({ ...fault(950, 960), isOfClocks: true }),
  },
  { what: 'it was killed', by: ({ diary }) => diary.kills.push({ worker: 'w2', at: 950 }) },
  {
    what: 'it was paused for long',
    by: ({ diary }) => diary.pauses.push({ worker: 'w2', from: -500, to: 950 }),
  },
  {
    what: 'its time was up before it says so',
    by: (round) => {
      round.erase(-1500, 3000);
      round.ask('w2', 'b', -1500, 2490);
      round.hold('w1', 'a', 1, 1000);
      round.note('w2', 1003, { kind: 'end', request: 'b', outcome: 'timeout' });
      round.release('w1', 'a', 1, 1050);
      round.counter = 0;
    },
  },
  {
    what: 'it was granted the lock before, and told too late',
    by: (round) => {
      round.erase(1000, 3000);
      round.lock(910, 1, holder('b', 1, 850));
      round.hold('w1', 'a', 2, 1000);
      round.release('w1', 'a', 2, 1050);
      round.hold('w2', 'b', 3, 2000);
      round.release('w2', 'b', 3, 2050);
      round.counter = 0;
    },
  },
])('who stood first may be served later when $what', ({ by }) => {
  const round = new Round();
  round.lines.push({ name: 'ant', at: 900, requests: ['b', 'a'] });
  by(round);
  expect(round.judge().broken).toEqual([]);
});

test('of redlock it counts the writes of a holder that come after those of a later one', () => {
  const round = new Round('redlock');
  round.write('w1', 'a3', 2030, 3);
  round.write('w2', 'b3', 2040, 4);
  const { broken, counts } = round.judge();
  expect(broken).toEqual([]);
  expect(counts).toMatchObject({
    ...{ 'stale writes otherwise': 1, 'holders with stale writes': 1, 'updates lost': 2 },
  });
});

test.each([
  { what: 'longer than its lease', from: 1025, to: 1200, counted: 1 },
  { what: 'no longer than its lease', from: 1025, to: 1125, counted: 0 },
  { what: 'that begins before it is told of the grant', from: 990, to: 1200, counted: 0 },
  { what: 'that ends after it has given the lock back', from: 1300, to: 1500, counted: 0 },
])('a pause of a holder $what counts: $counted', ({ from, to, counted }) => {
  const round = new Round();
  round.erase(1050, 1052);
  round.release('w1', 'a', 1, 1250);
  round.diary.pauses.push({ worker: 'w1', from, to });
  expect(round.judge().counts['pauses of holders']).toBe(counted);
});

test('a release may hand the lock on in the same write', () => {
  const round = new Round();
  round.erase(2051, 2051);
  round.ask('w1', 'c', 2030);
  round.hold('w1', 'c', 3, 2060);
  round.release('w1', 'c', 3, 2070);
  expect(round.judge().broken).toEqual([]);
});
