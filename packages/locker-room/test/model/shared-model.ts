/**
 * The line of one lock that readers, writers and a semaphore's users share, as a state machine: who
 * may hold it with whom, in which order, and who is woken.
 *
 * The document changes in whole steps, as a server changes it; between a client's steps anything
 * else may happen. A holder stops before the server lets his lease end. Left to the other model:
 * writes that are taken back, lost replies, fenced writes, lost streams.
 */
import type { Machine, Step } from './exploration.ts';

/** What bounds the states; events are counted in one run. */
export interface SharedBounds {
  /** One a client: with how many at most he holds the lock; Infinity for a reader. */
  readonly permits: readonly number[];
  /** Times that each client asks for the lock. */
  readonly rounds: number;
  readonly deaths: number;
  /** Leases that a living holder cannot renew. */
  readonly losses: number;
  /** Waits that are given up. */
  readonly aborts: number;
  readonly tryLocks: number;
  /** Times that somebody alive is silent for so long that the line takes him for gone. */
  readonly silences: number;
  /** Answers that come when the lease may be over. */
  readonly lateAnswers: number;
}

/** How it is done; the defaults are what the package does. */
export interface SharedRules {
  /** Whose number of permits counts. */
  readonly limit: 'everybody' | 'own';
  /** Whether those before in line count, and go first. */
  readonly line: boolean;
  /** To how many of the line the lock is handed on by one write. */
  readonly handsOn: 'all' | 'one';
  /** Whether those who wait ask by themselves; else they wait to be called, or for a time to pass. */
  readonly polls: boolean;
}

export const sharedRulesOfPackage: SharedRules = {
  limit: 'everybody',
  line: true,
  handsOn: 'all',
  polls: true,
};

export const sharedPhase = {
  idle: 0,
  asking: 1,
  waiting: 2,
  held: 3,
  /** Knows that the lease is over. */
  lost: 4,
  releasing: 5,
  /** Gives up: leaves the line, gives back what it was granted. */
  leaving: 6,
  /** Gives back what was granted too late, to ask again. */
  yielding: 7,
} as const;

export const sharedAnswer = { none: 0, refused: 1, granted: 2, done: 3, notOwner: 4 } as const;

/** How a client stands in the document. */
export const standing = { out: 0, waits: 1, waitsTooLong: 2, holds: 3, isOver: 4 } as const;

export const inSharedClient = {
  phase: 0,
  round: 1,
  dead: 2,
  answer: 3,
  standing: 4,
  /** 1 to look for himself, 2 because the lock was handed on to him. */
  woken: 5,
  /** Who stood before him when he came to stand in line and does still, one bit each. */
  ahead: 6,
  /** Whether he asks once only. */
  once: 7,
} as const;
const clientSize = 8;
const budget = {
  deaths: 0,
  losses: 1,
  aborts: 2,
  tryLocks: 3,
  silences: 4,
  lateAnswers: 5,
  size: 6,
};
const { phase, round, dead, answer, standing: stands, woken, ahead, once } = inSharedClient;

export const sharedActions = [
  'asks for the lock',
  'asks once',
  'is executed',
  'gets the answer',
  'gets the answer too late',
  'asks again',
  'takes what was handed on',
  'gives up waiting',
  'releases',
  'cannot renew the lease',
  'dies',
  'has no lease any more',
  'has been in line too long',
] as const;
type SharedAction = (typeof sharedActions)[number];
const number = (action: SharedAction): number => sharedActions.indexOf(action) * 4;
/** What happens by itself sooner or later, with no fault and nobody's wish. */
const owed: ReadonlySet<SharedAction> = new Set<SharedAction>([
  'is executed',
  'gets the answer',
  'gets the answer too late',
  'asks again',
  'takes what was handed on',
  'has no lease any more',
  'has been in line too long',
]);

export class SharedModel implements Machine {
  readonly permits: readonly number[];
  readonly size: number;
  readonly #bounds: SharedBounds;
  readonly #rules: SharedRules;
  readonly #clients: readonly number[];
  readonly #budgets: number;
  readonly #next: Uint8Array;
  #visit: (step: Step) => void = () => {};
  #grants = false;
  #violation: string | undefined;

  constructor(bounds: SharedBounds, rules: Partial<SharedRules> = {}) {
    this.#bounds = bounds;
    this.permits = bounds.permits;
    this.#rules = { ...sharedRulesOfPackage, ...rules };
    this.#clients = bounds.permits.map((_, c) => c);
    this.#budgets = this.client(bounds.permits.length);
    this.size = this.#budgets + budget.size;
    this.#next = new Uint8Array(this.size);
  }

  initial(): Uint8Array {
    const state = new Uint8Array(this.size);
    const { deaths, losses, aborts, tryLocks, silences, lateAnswers } = this.#bounds;
    state.set([deaths, losses, aborts, tryLocks, silences, lateAnswers], this.#budgets);
    return state;
  }

  /** Where a client's part begins; before them lie the places of the line, a client and 1 in each. */
  client(c: number): number {
    return this.permits.length + clientSize * c;
  }

  nameOf(action: number): string {
    return `client ${(action & 3) + 1} ${sharedActions[action >> 2]}`;
  }

  isOwed(action: number): boolean {
    const name = sharedActions[action >> 2];
    return name !== undefined && owed.has(name);
  }

  /** Whether somebody waits who has the lock without knowing, or could have it. */
  owesGrant(state: Uint8Array): boolean {
    const next = this.#whoMayHold(state);
    return this.#clients.some((c) => {
      const has = this.#get(state, c, stands) === standing.holds;
      return this.#get(state, c, phase) === sharedPhase.waiting && (has || next.includes(c));
    });
  }

  steps(state: Uint8Array, visit: (step: Step) => void): void {
    this.#visit = visit;
    for (const c of this.#clients) this.#clientSteps(state, c);
    for (const c of this.#clients) this.#timeSteps(state, c);
  }

  #clientSteps(s: Uint8Array, c: number): void {
    const now = this.#get(s, c, phase);
    const isAnswered = this.#get(s, c, answer) !== sharedAnswer.none;
    if (isRequest(now) && !isAnswered) this.#execution(s, c, now);
    if (this.#get(s, c, dead) === 1) return;
    if (isRequest(now) && isAnswered) this.#reply(s, c, now);
    // Clients with the same number of permits are alike: who asks first is called the first.
    const isTurn = this.permits[c - 1] !== this.permits[c] || this.#get(s, c - 1, round) > 0;
    if (now === sharedPhase.idle && isTurn && this.#get(s, c, round) < this.#bounds.rounds) {
      for (const isOnce of this.#has(s, budget.tryLocks) ? [false, true] : [false]) {
        const n = this.#begin(s);
        if (isOnce) this.#spend(n, budget.tryLocks);
        this.#set(n, c, round, this.#get(s, c, round) + 1);
        this.#set(n, c, phase, sharedPhase.asking);
        this.#set(n, c, once, isOnce ? 1 : 0);
        this.#end(isOnce ? 'asks once' : 'asks for the lock', c);
      }
    }
    if (now === sharedPhase.waiting) this.#wait(s, c);
    if (now === sharedPhase.held) {
      this.#go(s, c, sharedPhase.releasing, 'releases');
      if (this.#has(s, budget.losses)) {
        const n = this.#begin(s);
        this.#spend(n, budget.losses);
        this.#set(n, c, phase, sharedPhase.lost);
        this.#end('cannot renew the lease', c);
      }
    }
    if (now === sharedPhase.lost) this.#go(s, c, sharedPhase.releasing, 'releases');
    if (now !== sharedPhase.idle && this.#has(s, budget.deaths)) {
      const n = this.#begin(s);
      this.#spend(n, budget.deaths);
      this.#set(n, c, dead, 1);
      this.#set(n, c, woken, 0);
      if (!isRequest(now) || isAnswered) this.#finish(n, c);
      this.#end('dies', c);
    }
  }

  #wait(s: Uint8Array, c: number): void {
    if (this.#rules.polls || this.#get(s, c, woken) > 0) {
      this.#go(s, c, sharedPhase.asking, 'asks again');
    }
    const isHanded = this.#get(s, c, woken) === 2 && this.#get(s, c, stands) === standing.holds;
    if (isHanded) this.#take(s, c, 'takes what was handed on');
    if (!this.#has(s, budget.aborts)) return;
    const n = this.#begin(s);
    this.#spend(n, budget.aborts);
    this.#set(n, c, woken, 0);
    this.#set(n, c, phase, sharedPhase.leaving);
    this.#end('gives up waiting', c);
  }

  #execution(s: Uint8Array, c: number, now: number): void {
    const n = this.#begin(s);
    const before = this.#get(s, c, stands);
    let result: number = sharedAnswer.done;
    if (now === sharedPhase.asking) {
      this.#tidy(n, c);
      if (this.#get(n, c, stands) === standing.out) this.#join(n, c);
      this.#handOn(n, c);
      const isGranted = this.#get(n, c, stands) === standing.holds;
      result = isGranted ? sharedAnswer.granted : sharedAnswer.refused;
      if (!isGranted && this.#get(n, c, once) === 1) this.#leaveLine(n, c);
    } else if (before === standing.out) {
      result = now === sharedPhase.releasing ? sharedAnswer.notOwner : sharedAnswer.done;
    } else {
      this.#leaveLine(n, c);
      this.#tidy(n, -1);
      this.#handOn(n, -1);
    }
    this.#set(n, c, answer, result);
    if (this.#get(s, c, dead) === 1) this.#finish(n, c);
    this.#end('is executed', c);
  }

  #reply(s: Uint8Array, c: number, now: number): void {
    const result = this.#get(s, c, answer);
    const isOnce = this.#get(s, c, once) === 1;
    if (result === sharedAnswer.granted) {
      // The holder counts from before its request, so it never takes a lease that is over.
      const isRunning = this.#get(s, c, stands) === standing.holds;
      if (isRunning) this.#take(s, c, 'gets the answer');
      if (isRunning && !this.#has(s, budget.lateAnswers)) return;
      const n = this.#begin(s);
      if (isRunning) this.#spend(n, budget.lateAnswers);
      this.#set(n, c, answer, sharedAnswer.none);
      this.#set(n, c, phase, isOnce ? sharedPhase.leaving : sharedPhase.yielding);
      this.#end('gets the answer too late', c);
      return;
    }
    const n = this.#begin(s);
    this.#set(n, c, answer, sharedAnswer.none);
    if (now === sharedPhase.yielding) this.#set(n, c, phase, sharedPhase.asking);
    else if (now === sharedPhase.asking && !isOnce) this.#set(n, c, phase, sharedPhase.waiting);
    else this.#finish(n, c);
    this.#end('gets the answer', c);
  }

  #timeSteps(s: Uint8Array, c: number): void {
    const now = this.#get(s, c, stands);
    if (now === standing.holds && this.#get(s, c, phase) !== sharedPhase.held) {
      const n = this.#begin(s);
      this.#set(n, c, stands, standing.isOver);
      this.#wake(n, this.#line(n)[0]);
      this.#end('has no lease any more', c);
    }
    const isSilent = this.#get(s, c, dead) === 1 || this.#has(s, budget.silences);
    if (now === standing.waits && isSilent) {
      const n = this.#begin(s);
      if (this.#get(s, c, dead) === 0) this.#spend(n, budget.silences);
      this.#set(n, c, stands, standing.waitsTooLong);
      this.#notAhead(n, c);
      this.#wake(n, c);
      const line = this.#line(n);
      this.#wake(n, line[line.indexOf(c) + 1]);
      this.#end('has been in line too long', c);
    }
  }

  /** What every write begins with: those who are gone and those whose leases are over are removed. */
  #tidy(n: Uint8Array, asker: number): void {
    for (const c of this.#clients) {
      const now = this.#get(n, c, stands);
      if (now === standing.waitsTooLong && c === asker) this.#set(n, c, stands, standing.waits);
      else if (now === standing.waitsTooLong || now === standing.isOver) this.#leaveLine(n, c);
    }
  }

  #join(n: Uint8Array, c: number): void {
    const line = this.#line(n);
    this.#set(
      n,
      c,
      ahead,
      line.reduce((bits, other) => bits | (1 << other), 0),
    );
    this.#set(n, c, stands, standing.waits);
    n[line.length] = c + 1;
  }

  /** What every write ends with; who asks himself learns of it by his answer. */
  #handOn(n: Uint8Array, asker: number): void {
    const next = this.#whoMayHold(n);
    const some = this.#rules.handsOn === 'all' ? next : next.slice(0, 1);
    for (const c of some) {
      const first = this.#clients.filter((x) => ((this.#get(n, c, ahead) >> x) & 1) === 1);
      if (first.some((x) => !some.includes(x))) {
        this.#violation = `client ${c + 1} was granted the lock before one who came first`;
      }
    }
    for (const c of some) {
      this.#leaveLine(n, c);
      this.#set(n, c, stands, standing.holds);
      if (c === asker || this.#get(n, c, dead) === 1) continue;
      const now = this.#get(n, c, phase);
      if (now === sharedPhase.waiting || now === sharedPhase.asking) this.#set(n, c, woken, 2);
    }
  }

  /** Who of the line may hold the lock besides those who do. */
  #whoMayHold(s: Uint8Array): number[] {
    const holding = this.#clients.filter((c) => this.#get(s, c, stands) === standing.holds);
    const next: number[] = [];
    for (const c of this.#line(s)) {
      if (this.#get(s, c, stands) !== standing.waits) continue;
      const together = [...holding, ...next, c];
      const whose = this.#rules.limit === 'own' ? [c] : together;
      const mayHold = whose.every((each) => (this.permits[each] ?? 0) >= together.length);
      if (mayHold) next.push(c);
      else if (this.#rules.line) break;
    }
    return next;
  }

  #line(s: Uint8Array): number[] {
    const line: number[] = [];
    for (const place of this.#clients) {
      const who = s[place] ?? 0;
      if (who > 0) line.push(who - 1);
    }
    return line;
  }

  #leaveLine(n: Uint8Array, c: number): void {
    const line = this.#line(n).filter((each) => each !== c);
    for (const place of this.#clients) n[place] = (line[place] ?? -1) + 1;
    this.#set(n, c, stands, standing.out);
    this.#notAhead(n, c);
    this.#set(n, c, ahead, 0);
  }

  #notAhead(n: Uint8Array, c: number): void {
    for (const other of this.#clients) {
      this.#set(n, other, ahead, this.#get(n, other, ahead) & ~(1 << c));
    }
  }

  #wake(n: Uint8Array, c: number | undefined): void {
    if (c === undefined || this.#rules.polls || this.#get(n, c, dead) === 1) return;
    const now = this.#get(n, c, phase);
    const waits = now === sharedPhase.waiting || now === sharedPhase.asking;
    if (waits && this.#get(n, c, woken) === 0) this.#set(n, c, woken, 1);
  }

  #take(s: Uint8Array, c: number, action: SharedAction): void {
    const n = this.#begin(s);
    this.#set(n, c, phase, sharedPhase.held);
    this.#set(n, c, answer, sharedAnswer.none);
    this.#set(n, c, woken, 0);
    this.#set(n, c, once, 0);
    this.#grants = true;
    this.#end(action, c);
  }

  #go(s: Uint8Array, c: number, to: number, action: SharedAction): void {
    const n = this.#begin(s);
    this.#set(n, c, phase, to);
    this.#set(n, c, woken, 0);
    this.#end(action, c);
  }

  /** The client has nothing to do any more, until it asks again. */
  #finish(n: Uint8Array, c: number): void {
    for (const field of [phase, answer, woken, once]) this.#set(n, c, field, 0);
  }

  #begin(s: Uint8Array): Uint8Array {
    this.#next.set(s);
    this.#grants = false;
    this.#violation = undefined;
    return this.#next;
  }

  #end(action: SharedAction, c: number): void {
    const next = this.#next;
    const holders = this.#clients.filter(
      (each) => this.#get(next, each, phase) === sharedPhase.held,
    );
    if (holders.some((each) => (this.permits[each] ?? 0) < holders.length)) {
      this.#violation ??= 'the lock is held by more than one of them allows';
    }
    this.#visit({
      action: number(action) + c,
      next,
      grants: this.#grants,
      violation: this.#violation,
    });
  }

  #get(s: Uint8Array, c: number, field: number): number {
    return s[this.client(c) + field] ?? 0;
  }

  #set(n: Uint8Array, c: number, field: number, value: number): void {
    n[this.client(c) + field] = value;
  }

  #has(s: Uint8Array, which: number): boolean {
    return (s[this.#budgets + which] ?? 0) > 0;
  }

  #spend(n: Uint8Array, which: number): void {
    n[this.#budgets + which] = (n[this.#budgets + which] ?? 0) - 1;
  }
}

/** Whether a client in this phase has sent one request. */
function isRequest(now: number): boolean {
  return (
    now === sharedPhase.asking ||
    now === sharedPhase.releasing ||
    now === sharedPhase.leaving ||
    now === sharedPhase.yielding
  );
}
