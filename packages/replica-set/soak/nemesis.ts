/** The one who breaks things: draws faults under a seed, keeps a diary, and lets the set rest now and then. */

import type { ReplicaSet } from '../src/index.ts';
import type { Dice } from './dice.ts';
import { type FaultKind, faultKinds } from './fault-kind.ts';
import { Patient } from './patient.ts';

export interface DiaryEntry {
  /** Milliseconds since the soak began. */
  readonly at: number;
  readonly until: number;
  readonly fault: string;
  /** Each member's role behind it. */
  readonly roles: string;
}

export class Nemesis {
  /** By kind. */
  readonly counts: Map<string, number> = new Map();
  readonly diary: DiaryEntry[] = [];
  readonly patient: Patient;
  readonly #dice: Dice;
  readonly #now: () => number;

  constructor(set: ReplicaSet, dice: Dice, now: () => number) {
    this.patient = new Patient(set);
    this.#dice = dice;
    this.#now = now;
  }

  get total(): number {
    return [...this.counts.values()].reduce((sum, count) => sum + count, 0);
  }

  /** One fault, or a row of them; resolves to the milliseconds to let it work. */
  async strike(): Promise<number> {
    const at = this.#now();
    this.patient.refuseFailure();
    const { name, strike } = this.#draw();
    const count = await strike(this.patient, this.#dice);
    if (count === 0) return 5;
    this.counts.set(name, (this.counts.get(name) ?? 0) + count);
    this.#note(name, at);
    return this.#dice.between(5, 100);
  }

  /** Everything is mended: what was hurt has to recover. */
  async rest(): Promise<void> {
    const at = this.#now();
    await this.patient.mend();
    this.#note('(mended)', at);
  }

  #draw(): FaultKind {
    // A set without a majority learns nothing: it is not left so for long.
    const { up, majority } = this.patient;
    const kinds =
      up.length < majority
        ? faultKinds.filter(({ name }) => name === 'restart' || name === 'thaw' || name === 'join')
        : faultKinds;
    let left = this.#dice.next() * kinds.reduce((sum, { weight }) => sum + weight, 0);
    for (const kind of kinds) {
      left -= kind.weight;
      if (left < 0) return kind;
    }
    return this.#dice.pick(kinds);
  }

  #note(fault: string, at: number): void {
    const roles = this.patient.set.members.map(({ role }) => role).join(' ');
    this.diary.push({ at, until: this.#now(), fault, roles });
  }
}
