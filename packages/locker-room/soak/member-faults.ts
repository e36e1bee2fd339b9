/** What is done to the members: one thing at a time, mended before the next. */
import { setTimeout as pause } from 'node:timers/promises';
import { type ReplicaSet, ReplicaSetError } from '@holdfast/replica-set';
import { now } from './clock.ts';
import type { Diary } from './diary.ts';
import type { Dice } from './dice.ts';
import type { Stage } from './stage.ts';

/** Does it, and resolves to what ends it. */
type Strike = (stage: Stage, dice: Dice) => Promise<() => unknown>;

const clockShift = 'clock shifted';
/** Milliseconds for which times that a wrong clock has written lead astray: as long as a place in line is kept. */
const aftermath = 5_000;

function over(): void {}

function secondary({ primary, members }: ReplicaSet, dice: Dice): number {
  return dice.pick(members.filter(({ index }) => index !== primary.index)).index;
}

async function kill(stage: Stage, members: readonly number[]): Promise<() => unknown> {
  await Promise.all(members.map((index) => stage.set.kill(index)));
  return () => stage.restart(...members);
}

async function cutOff({ set }: Stage, index: number): Promise<() => unknown> {
  const others = set.members.filter((member) => member.index !== index);
  await set.partition([[index], others]);
  return () => set.heal();
}

/** The kinds; the report counts them by these names. */
export const strikes: Readonly<Record<string, Strike>> = {
  'step-down': async ({ set }) => {
    await set.stepDown(1);
    return over;
  },
  'primary killed': (stage) => kill(stage, [stage.set.primary.index]),
  'secondary killed': (stage, dice) => kill(stage, [secondary(stage.set, dice)]),
  'majority killed': (stage, dice) =>
    kill(stage, [stage.set.primary.index, secondary(stage.set, dice)]),
  'primary frozen': async ({ set }) => {
    const { index } = set.primary;
    await set.freeze(index);
    return () => set.thaw(index);
  },
  'primary cut off': (stage) => cutOff(stage, stage.set.primary.index),
  'secondary cut off': (stage, dice) => cutOff(stage, secondary(stage.set, dice)),
  [clockShift]: async ({ set }, dice) => {
    // So far that leases end or begin anew, and not so far that a dead holder's keeps all waiting.
    const shift = dice.pick([30, -30, 400, -400, 3_000, -3_000]);
    const { index } = dice.chance(0.5) ? set.primary : dice.pick(set.members);
    await set.skewClock(index, shift);
    // Now another one's clock counts, unless there is no primary just now.
    if (dice.chance(0.5)) await set.stepDown(1).catch(over);
    return () => set.skewClock(index, 0);
  },
  'replies lost': async ({ set }, dice) => {
    await set.loseReplies(dice.between(1, 6));
    return over;
  },
};

/** Each kind has its turn before one comes again. */
export class MemberFaults {
  readonly #stage: Stage;
  readonly #dice: Dice;
  readonly #diary: Diary;
  #deck: string[] = [];

  constructor(stage: Stage, dice: Dice, diary: Diary) {
    this.#stage = stage;
    this.#dice = dice;
    this.#diary = diary;
  }

  /** Strikes until it is over; the set is whole then, and has a primary. */
  async play(isOver: () => boolean): Promise<void> {
    while (!isOver()) {
      await pause(this.#dice.between(1_500, 5_000));
      if (!isOver()) await this.#strike(this.#draw());
    }
  }

  #draw(): string {
    if (this.#deck.length === 0) this.#deck = this.#dice.shuffled(Object.keys(strikes));
    return this.#deck.pop() ?? '';
  }

  async #strike(name: string): Promise<void> {
    const { set } = this.#stage;
    const before = (await set.waitForPrimary()).index;
    const isOfClocks = name === clockShift;
    const fault = { name, isOfClocks, from: now(), to: Infinity };
    this.#diary.faults.push(fault);
    const mend = await this.#attempt(name);
    await pause(this.#dice.between(100, 1_200));
    await mend();
    if ((await set.waitForPrimary()).index !== before) this.#diary.failOvers += 1;
    fault.to = now() + (isOfClocks ? aftermath : 0);
  }

  async #attempt(name: string): Promise<() => unknown> {
    try {
      return (await strikes[name]?.(this.#stage, this.#dice)) ?? over;
    } catch (error) {
      // The primary stepped down by itself a moment before.
      if (error instanceof ReplicaSetError && error.code !== 'member-failed') return over;
      throw error;
    }
  }
}
