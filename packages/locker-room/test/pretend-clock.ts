import type { Clock } from '../src/clock.ts';

export interface PretendClock extends Clock {
  /** Resolves as soon as this many timers are set. */
  untilTimers(count: number): Promise<void>;
  /** Lets time pass, calling what is due in its order, and lets promises settle in between. */
  advance(milliseconds: number): Promise<void>;
  /** Lets time pass at once, as for a process that is halted: what is due is called afterwards. */
  jump(milliseconds: number): Promise<void>;
}

/** A clock that stands still until it is told to advance; chance is always one half. */
export function pretendClock(): PretendClock {
  let now = 0;
  let timers: { due: number; action: () => void }[] = [];
  return {
    now: () => now,
    random: () => 0.5,
    after(delay, action) {
      const timer = { due: now + delay, action };
      timers.push(timer);
      return () => {
        timers = timers.filter((each) => each !== timer);
      };
    },
    async untilTimers(count) {
      while (timers.length < count) await new Promise(setImmediate);
    },
    async advance(milliseconds) {
      const end = now + milliseconds;
      await new Promise(setImmediate);
      for (;;) {
        const next = timers.toSorted((a, b) => a.due - b.due).find(({ due }) => due <= end);
        if (next === undefined) break;
        timers = timers.filter((each) => each !== next);
        now = Math.max(now, next.due);
        next.action();
        await new Promise(setImmediate);
      }
      now = end;
    },
    jump(milliseconds) {
      now += milliseconds;
      return this.advance(0);
    },
  };
}
