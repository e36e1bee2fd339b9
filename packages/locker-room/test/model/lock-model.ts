/**
 * The protocol of a lock as a state machine: three clients, one lock's document, one document of
 * data, and a log of which a majority has a part.
 *
 * A client does one thing at a time; between two of its steps anything else may happen, which is
 * what a pause is. A request is executed at most once: its answer is kept beside what it wrote, as
 * a server keeps it, and is rolled back with it. Time is the order in which leases end.
 *
 * Left out: a primary that was deposed and does not know it yet. What it accepts never reaches a
 * majority, so nobody is told of it, as of what a fail-over rolls back.
 */
import type { Machine, Step } from './exploration.ts';
import {
  type Action,
  act,
  answer,
  type Bounds,
  clientSize,
  inClient,
  inVersion,
  isOwed,
  kind,
  nameOf,
  phase,
  type Rules,
  rulesOfPackage,
  timeIsUp,
  versionSize,
} from './lock-terms.ts';

/** The machine: its first state, and the steps from each. */
export class LockModel implements Machine {
  readonly bounds: Bounds;
  readonly rules: Rules;
  readonly size: number;
  readonly #clients: number;
  readonly #budgets: number;
  readonly #next: Uint8Array;
  #visit: (step: Step) => void = () => {};
  #grants = false;
  #violation: string | undefined;

  constructor(bounds: Bounds, rules: Partial<Rules> = {}) {
    this.bounds = bounds;
    this.rules = { ...rulesOfPackage, ...rules };
    this.#clients = 1 + versionSize * (bounds.pending + 1);
    this.#budgets = this.#clients + clientSize * bounds.clients;
    this.size = this.#budgets + budget.size;
    this.#next = new Uint8Array(this.size);
  }

  initial(): Uint8Array {
    const state = new Uint8Array(this.size);
    const { failOvers, lostReplies, deaths, renewals } = this.bounds;
    const { writes, aborts, tryLocks, streamLosses } = this.bounds;
    state.set(
      [0, failOvers, lostReplies, deaths, renewals, writes, aborts, tryLocks, streamLosses],
      this.#budgets,
    );
    return state;
  }

  /** Where the version begins that the primary has. */
  latest(state: Uint8Array): number {
    return 1 + versionSize * at(state, 0);
  }

  /** Where a client's part begins. */
  client(index: number): number {
    return this.#clients + clientSize * index;
  }

  /** The id by which a client asks in this round. */
  idOf(state: Uint8Array, index: number): number {
    const round = at(state, this.client(index) + inClient.round);
    return round === 0 ? 0 : index + 1 + this.bounds.clients * (round - 1);
  }

  /** Whether somebody alive waits while nobody has the lock, or nobody who knows. */
  owesGrant(state: Uint8Array): boolean {
    const version = this.latest(state);
    const holder = at(state, version + inVersion.grant);
    const isOver = holder === 0 || at(state, version + inVersion.end) === 0;
    if (isOver && at(state, version + inVersion.token) >= this.bounds.tokens) return false;
    let waits = false;
    for (let c = 0; c < this.bounds.clients; c++) {
      const isWaiting = at(state, this.client(c) + inClient.phase) === phase.waiting; // and not dead
      waits ||= isWaiting;
      if (!isOver && this.idOf(state, c) === holder && !isWaiting) return false;
    }
    return waits;
  }

  nameOf(action: Action): string {
    return nameOf(action);
  }

  isOwed(action: Action): boolean {
    return isOwed(action);
  }

  /** Calls `visit` with each step from a state. */
  steps(state: Uint8Array, visit: (step: Step) => void): void {
    this.#visit = visit;
    for (let c = 0; c < this.bounds.clients; c++) this.#clientSteps(state, c);
    this.#serverSteps(state);
  }

  #clientSteps(s: Uint8Array, c: number): void {
    const me = this.client(c);
    const now = at(s, me + inClient.phase);
    const isDead = at(s, me + inClient.dead) === 1;
    if (isRequest(now)) this.#execution(s, c, now);
    if (now === phase.writing) this.#touch(s, c, isDead);
    if (now === phase.asked) this.#commit(s, c, isDead);
    if (now === phase.touched) {
      this.#commit(s, c, isDead);
      const n = this.#begin(s);
      this.#abortTransaction(n, c);
      this.#end(act['has its transaction ended by the server'] + c);
    }
    if (isDead) return;
    if (isRequest(now) || now === phase.committing) this.#reply(s, c, now);
    if (now === phase.idle) this.#start(s, c);
    if (now === phase.waiting) this.#wait(s, c);
    if (now === phase.held) this.#hold(s, c);
    if (now !== phase.idle && this.#has(s, budget.deaths)) this.#die(s, c, now);
  }

  #start(s: Uint8Array, c: number): void {
    const me = this.client(c);
    if (at(s, me + inClient.round) >= this.bounds.rounds) return;
    // The clients are alike: who asks first is called the first.
    if (c > 0 && at(s, this.client(c - 1) + inClient.round) === 0) return;
    let n = this.#begin(s);
    n[me + inClient.round] = at(s, me + inClient.round) + 1;
    n[me + inClient.phase] = phase.asking;
    this.#end(act['asks for the lock'] + c);
    if (!this.#has(s, budget.tryLocks)) return;
    n = this.#begin(s);
    n[me + inClient.round] = at(s, me + inClient.round) + 1;
    n[me + inClient.phase] = phase.asking;
    n[me + inClient.kind] = kind.leave;
    this.#spend(n, budget.tryLocks);
    this.#end(act['asks once (tryLock)'] + c);
  }

  #wait(s: Uint8Array, c: number): void {
    const me = this.client(c);
    if (this.rules.polls || at(s, me + inClient.woken) === 1) {
      const n = this.#begin(s);
      n[me + inClient.phase] = phase.asking;
      n[me + inClient.woken] = 0;
      this.#end(act['asks again'] + c);
    }
    this.#takeCalled(s, c);
    if (!this.rules.polls) this.#turnStream(s, c);
    if (!this.#has(s, budget.aborts)) return;
    const n = this.#begin(s);
    this.#spend(n, budget.aborts);
    this.#giveUp(n, c, phase.leaving);
    this.#end(act['gives up waiting'] + c);
  }

  /**
   * The waiter counts the lease from its last question. A grant with a newer token was made after
   * that, so the lease is not over as long as he takes it for his. Of an older one he does not know.
   */
  #takeCalled(s: Uint8Array, c: number): void {
    const me = this.client(c);
    const token = at(s, me + inClient.called);
    const isNewer = token > at(s, me + inClient.token);
    if (token === 0 || (!isNewer && this.rules.trusts === 'newer')) return;
    const isRunning = at(s, 1 + inVersion.token) === token && at(s, 1 + inVersion.end) > 0;
    if (isNewer && !isRunning) return;
    const n = this.#begin(s);
    this.#learn(n, token);
    n[me + inClient.phase] = phase.held;
    n[me + inClient.token] = token;
    n[me + inClient.end] = isRunning ? at(s, 1 + inVersion.end) : this.#lastEnd(s) + 1;
    n[me + inClient.woken] = 0;
    n[me + inClient.called] = 0;
    this.#grants = true;
    this.#end(act['takes the lock that was handed on'] + c);
  }

  /** A stream tells nothing of what was before it: it is opened anew where it was not resumed. */
  #turnStream(s: Uint8Array, c: number): void {
    const me = this.client(c);
    const listens = at(s, me + inClient.listens) === 1;
    if (listens && !this.#has(s, budget.streamLosses)) return;
    const n = this.#begin(s);
    if (listens) this.#spend(n, budget.streamLosses);
    n[me + inClient.listens] = listens ? 0 : 1;
    if (!listens && this.rules.asksWhenOpen) n[me + inClient.woken] = 1;
    const turn = listens ? act['has its stream lost'] : act['has its stream opened'];
    this.#end(turn + c);
  }

  #hold(s: Uint8Array, c: number): void {
    const me = this.client(c);
    let n = this.#begin(s);
    n[me + inClient.phase] = phase.releasing;
    n[me + inClient.end] = 0;
    this.#end(act.releases + c);
    if (this.#has(s, budget.writes)) {
      n = this.#begin(s);
      this.#spend(n, budget.writes);
      n[me + inClient.phase] = phase.writing;
      this.#end(act['begins a fenced write'] + c);
    }
    if (this.#has(s, budget.renewals)) {
      n = this.#begin(s);
      this.#spend(n, budget.renewals);
      n[me + inClient.phase] = phase.extending;
      this.#end(act.extends + c);
    }
  }

  #die(s: Uint8Array, c: number, now: number): void {
    const n = this.#begin(s);
    this.#spend(n, budget.deaths);
    n[this.client(c) + inClient.dead] = 1;
    this.#outOfLine(n, c);
    // A request that was not executed yet may be executed still.
    const isUnderWay = now === phase.writing || now === phase.touched || isRequest(now);
    const isExecuted = at(s, this.latest(s) + inVersion.answer + c) !== answer.none;
    if (!isUnderWay || isExecuted) this.#finish(n, c);
    this.#end(act.dies + c);
  }

  /** The primary executes what the client has sent. */
  #execution(s: Uint8Array, c: number, now: number): void {
    const me = this.client(c);
    const old = this.latest(s);
    if (at(s, old + inVersion.answer + c) !== answer.none) return;
    if (at(s, me + inClient.replyLost) === 1 || !this.#canAppend(s)) return;
    const n = this.#begin(s);
    const version = this.#append(n);
    let result: number;
    if (now === phase.asking) {
      result = this.#grantOrRefuse(n, version, c);
    } else if (now === phase.releasing) result = this.#release(n, version, c);
    else if (now === phase.extending) result = this.#extend(n, version, c);
    else result = this.#withdraw(n, version, c);
    if (result < 0) return;
    n[version + inVersion.answer + c] = result;
    if (at(s, me + inClient.dead) === 1) this.#finish(n, c);
    this.#end(act['is executed'] + c);
  }

  /** As `grantOrRefuse` and the answer that `ask` reads from its document; -1 beyond the bounds. */
  #grantOrRefuse(n: Uint8Array, version: number, c: number): number {
    const me = this.client(c);
    const id = this.idOf(n, c);
    const how = at(n, me + inClient.kind);
    const isIn = this.#isInLine(n, version, id);
    this.#keepInLine(n, version, (waiter) => waiter < timeIsUp || waiter - timeIsUp === id);
    this.#dropEnded(n, version);
    if (at(n, version + inVersion.grant) === id) {
      n[version + inVersion.end] = this.#lastEnd(n) + 1;
    } else if (isIn) {
      // Alive again, if its time was up.
      n[this.#placeInLine(n, version, id)] = id;
    } else {
      n[this.#placeInLine(n, version, 0)] = id;
      n[me + inClient.ahead] = this.#whoIsInLine(n) & ~(1 << c);
    }
    if (!this.#handOn(n, version, id)) return -1;
    if (at(n, version + inVersion.grant) === id) {
      return answer.granted + at(n, version + inVersion.token);
    }
    if (how === kind.leave) {
      this.#keepInLine(n, version, (waiter) => waiter % timeIsUp !== id);
      n[me + inClient.ahead] = 0;
    }
    return answer.refused;
  }

  /** As the stages of `handOn`, in the write of the asker; false beyond the bounds. */
  #handOn(n: Uint8Array, version: number, asker: number): boolean {
    if (this.rules.clears || asker === 0) n[version + inVersion.called] = 0;
    const place = this.rules.line ? 0 : this.#lastPlace(n, version);
    const id = at(n, version + inVersion.line + place);
    if (id === 0 || at(n, version + inVersion.grant) !== 0) return true;
    const token = at(n, version + inVersion.token) + 1;
    if (token > this.bounds.tokens) return false;
    this.#checkGrant(n, id, token);
    n[version + inVersion.grant] = id;
    n[version + inVersion.token] = token;
    n[version + inVersion.end] = this.#lastEnd(n) + 1;
    if (id !== asker) n[version + inVersion.called] = id;
    this.#keepInLine(n, version, (waiter) => waiter !== id);
    const c = this.#clientOf(id);
    if (this.idOf(n, c) === id) this.#outOfLine(n, c);
    return true;
  }

  #checkGrant(n: Uint8Array, id: number, token: number): void {
    if (at(n, this.#budgets + budget.acknowledged) >> token !== 0) {
      this.#violation = `token ${token} was granted when it or a later one was known already`;
    }
    const c = this.#clientOf(id);
    if (this.idOf(n, c) !== id) return;
    const before = at(n, this.client(c) + inClient.ahead) & this.#whoIsInLine(n) & ~(1 << c);
    if (before !== 0) {
      this.#violation = `client ${c + 1} was granted the lock before one who came first`;
    }
  }

  #release(n: Uint8Array, version: number, c: number): number {
    if (this.rules.owner && !this.#isMine(n, version, c)) return answer.notOwner;
    if (at(n, version + inVersion.grant) === 0) return answer.notOwner;
    n[version + inVersion.grant] = 0;
    n[version + inVersion.end] = 0;
    if (!this.rules.keeps) n[version + inVersion.token] = 0;
    this.#keepInLine(n, version, (waiter) => waiter < timeIsUp);
    if (!this.#handOn(n, version, 0)) return -1;
    return answer.released + at(n, version + inVersion.called);
  }

  #extend(n: Uint8Array, version: number, c: number): number {
    if (!this.#isMine(n, version, c)) return answer.notOwner;
    n[version + inVersion.end] = this.#lastEnd(n) + 1;
    return answer.done;
  }

  #withdraw(n: Uint8Array, version: number, c: number): number {
    const id = this.idOf(n, c);
    const isThere = at(n, version + inVersion.grant) === id || this.#isInLine(n, version, id);
    if (!isThere) return answer.done;
    this.#keepInLine(n, version, (waiter) => waiter < timeIsUp && waiter !== id);
    this.#dropEnded(n, version);
    if (at(n, version + inVersion.grant) === id) {
      n[version + inVersion.grant] = 0;
      n[version + inVersion.end] = 0;
    }
    const handsOn = this.rules.handsOn === 'always';
    return !handsOn || this.#handOn(n, version, 0) ? answer.done : -1;
  }

  #dropEnded(n: Uint8Array, version: number): void {
    if (at(n, version + inVersion.end) === 0) n[version + inVersion.grant] = 0;
  }

  /** The first command of the transaction; or, when it is only asked before, a read by a majority. */
  #touch(s: Uint8Array, c: number, isDead: boolean): void {
    const me = this.client(c);
    const asks = this.rules.write === 'asks-before';
    if (!asks && this.#isTouched(s)) return;
    const version = asks ? 1 : this.latest(s);
    const isHeld = this.#isMine(s, version, c) || this.rules.write === 'touches-unchecked';
    const n = this.#begin(s);
    if (!isHeld || (asks && isDead)) this.#finish(n, c);
    else n[me + inClient.phase] = asks ? phase.asked : phase.touched;
    this.#end(act['touches the lock'] + c);
  }

  #commit(s: Uint8Array, c: number, isDead: boolean): void {
    const me = this.client(c);
    if (at(s, 0) >= this.bounds.pending) return;
    const n = this.#begin(s);
    const version = this.#append(n);
    const token = at(n, me + inClient.token);
    if (at(n, version + inVersion.fence) <= token) {
      if (at(s, 1 + inVersion.token) > token) {
        this.#violation = `a write with token ${token} was accepted after a majority had a newer grant`;
      }
      n[version + inVersion.fence] = token;
    }
    n[version + inVersion.answer + c] = answer.done;
    n[me + inClient.phase] = phase.committing;
    if (isDead) this.#finish(n, c);
    this.#end(act['commits its write'] + c);
  }

  #reply(s: Uint8Array, c: number, now: number): void {
    const me = this.client(c);
    const latest = this.latest(s);
    const isExecuted = at(s, latest + inVersion.answer + c) !== answer.none;
    if (at(s, me + inClient.replyLost) === 1) {
      const n = this.#begin(s);
      n[me + inClient.replyLost] = 0;
      this.#end(act['sends it again'] + c);
      return;
    }
    if (now === phase.committing && !isExecuted) {
      const n = this.#begin(s);
      n[me + inClient.phase] = phase.writing;
      this.#end(act['begins its write anew'] + c);
      return;
    }
    if (isExecuted && this.#has(s, budget.lostReplies)) {
      const n = this.#begin(s);
      this.#spend(n, budget.lostReplies);
      n[me + inClient.replyLost] = 1;
      this.#end(act['loses its reply'] + c);
    }
    const version = this.rules.acknowledgedBy === 'majority' ? 1 : latest;
    const result = at(s, version + inVersion.answer + c);
    if (result === answer.none) return;
    if (now === phase.asking) this.#asked(s, c, version, result);
    else {
      const n = this.#begin(s);
      this.#forget(n, c);
      if (now === phase.yielding) {
        n[me + inClient.phase] = phase.asking;
        n[me + inClient.kind] = kind.stand;
      } else if (now === phase.committing) n[me + inClient.phase] = phase.held;
      else if (now === phase.extending && result === answer.done) {
        n[me + inClient.phase] = phase.held;
        n[me + inClient.end] = this.#isMine(s, version, c) ? at(s, version + inVersion.end) : 0;
      } else this.#finish(n, c);
      this.#end(act['gets its answer'] + c);
    }
  }

  #asked(s: Uint8Array, c: number, version: number, result: number): void {
    const me = this.client(c);
    if (result === answer.refused) {
      const n = this.#begin(s);
      this.#forget(n, c);
      if (at(s, me + inClient.kind) === kind.leave) this.#finish(n, c);
      else {
        n[me + inClient.phase] = phase.waiting;
        n[me + inClient.kind] = 0;
        n[me + inClient.token] = at(s, version + inVersion.token);
        if (this.#isAliveInLine(s, this.latest(s), this.idOf(s, c))) n[me + inClient.inLine] = 1;
      }
      this.#end(act['gets its answer'] + c);
      return;
    }
    const token = result - answer.granted;
    const isStill = at(s, version + inVersion.grant) === this.idOf(s, c);
    const end = isStill ? at(s, version + inVersion.end) : 0;
    const learn = (n: Uint8Array): void => {
      this.#forget(n, c);
      this.#learn(n, token);
    };
    // The holder counts from before its request, so it never takes a lease that is over.
    if (end > 0) {
      const n = this.#begin(s);
      learn(n);
      n[me + inClient.phase] = phase.held;
      n[me + inClient.kind] = 0;
      n[me + inClient.token] = token;
      n[me + inClient.end] = end;
      n[me + inClient.woken] = 0;
      n[me + inClient.called] = 0;
      this.#grants = true;
      this.#end(act['gets its answer'] + c);
    }
    if (at(s, me + inClient.kind) === kind.leave) {
      const n = this.#begin(s);
      learn(n);
      this.#giveUp(n, c, phase.leaving);
      this.#end(act['gets its answer, but too late'] + c);
      return;
    }
    const n = this.#begin(s);
    learn(n);
    this.#giveUp(n, c, phase.yielding);
    this.#end(act['gets its answer, but too late'] + c);
    if (!this.#has(s, budget.aborts)) return;
    const given = this.#begin(s);
    learn(given);
    this.#spend(given, budget.aborts);
    this.#giveUp(given, c, phase.leaving);
    this.#end(act['gets its answer, but has given up'] + c);
  }

  #learn(n: Uint8Array, token: number): void {
    const known = this.#budgets + budget.acknowledged;
    if ((at(n, known) >> token) % 2 === 1) this.#violation = `token ${token} was granted twice`;
    n[known] = at(n, known) | (1 << token);
  }

  #serverSteps(s: Uint8Array): void {
    const pending = at(s, 0);
    if (pending > 0) {
      const n = this.#begin(s);
      const latest = this.latest(s);
      n.copyWithin(1, 1 + versionSize, latest + versionSize);
      n.fill(0, latest, latest + versionSize);
      n[0] = pending - 1;
      this.#call(s, n);
      this.#end(act['a majority has the next write']);
    }
    const isTouched = this.#isTouched(s);
    for (let keep = 0; this.#has(s, budget.failOvers) && keep <= pending; keep++) {
      if (keep === pending && !isTouched) continue; // nothing would change
      const n = this.#begin(s);
      this.#spend(n, budget.failOvers);
      n.fill(0, 1 + versionSize * (keep + 1), this.#clients);
      n[0] = keep;
      for (let c = 0; c < this.bounds.clients; c++) {
        this.#abortTransaction(n, c);
        const isTold = at(n, this.client(c) + inClient.phase) === phase.waiting;
        // Nobody told him that the lock was handed on, and it is not.
        if (isTold && this.#isAliveInLine(n, this.latest(n), this.idOf(n, c))) {
          n[this.client(c) + inClient.inLine] = 1;
        }
      }
      for (let c = 0; c < this.bounds.clients; c++) this.#seeWhoIsBefore(n, c);
      this.#end(act['fail-over; of the writes without a majority these stay:'] + keep);
    }
    if (this.#lastEnd(s) > 0) {
      const n = this.#begin(s);
      this.#eachEnd((place) => {
        if (at(n, place) > 0) n[place] = at(n, place) - 1;
      });
      // Who is first in line knows when the lease ends; he may know of an earlier version only.
      this.#eachVersion((version) => {
        if (at(s, version + inVersion.end) !== 1 || !this.rules.asksInTime) return;
        this.#wake(n, at(s, version + inVersion.line));
      });
      this.#end(act['the next lease ends']);
    }
    for (let place = 0; place < 3; place++) {
      const waiter = at(s, this.latest(s) + inVersion.line + place);
      if (waiter === 0 || waiter >= timeIsUp) continue;
      if (!this.rules.beats && this.#isAlive(s, waiter)) continue;
      const n = this.#begin(s);
      this.#wake(n, waiter);
      this.#eachVersion((version) => {
        for (let i = 0; i < 3; i++) {
          if (at(s, version + inVersion.line + i) !== waiter) continue;
          n[version + inVersion.line + i] = waiter + timeIsUp;
          // Who stands behind him knows when his time is up.
          if (i < 2 && this.rules.asksInTime)
            this.#wake(n, at(s, version + inVersion.line + i + 1));
        }
      });
      for (let c = 0; c < this.bounds.clients; c++) {
        if (this.idOf(s, c) === waiter) this.#outOfLine(n, c);
      }
      this.#end(act['the time in line is up of place'] + place);
    }
  }

  #begin(s: Uint8Array): Uint8Array {
    this.#next.set(s);
    this.#grants = false;
    this.#violation = undefined;
    return this.#next;
  }

  #end(action: Action): void {
    const n = this.#next;
    this.#closeGaps(n);
    let holders = 0;
    for (let c = 0; c < this.bounds.clients; c++) {
      const me = this.client(c);
      if (at(n, me + inClient.end) > 0) holders += 1;
    }
    if (holders > 1) this.#violation ??= 'two holders have a lease that has not ended';
    this.#visit({ action, next: n, grants: this.#grants, violation: this.#violation });
  }

  /** Ends of leases are counted 1, 2, 3 in their order, whichever are left. */
  #closeGaps(n: Uint8Array): void {
    let used = 0;
    this.#eachEnd((place) => {
      used |= 1 << at(n, place);
    });
    used >>= 1;
    if ((used & (used + 1)) === 0) return;
    this.#eachEnd((place) => {
      const end = at(n, place);
      if (end > 0) n[place] = ones(used & ((1 << end) - 1));
    });
  }

  #eachVersion(visit: (version: number) => void): void {
    for (let version = 1; version < this.#clients; version += versionSize) visit(version);
  }

  #eachEnd(visit: (place: number) => void): void {
    this.#eachVersion((version) => visit(version + inVersion.end));
    for (let c = 0; c < this.bounds.clients; c++) visit(this.client(c) + inClient.end);
  }

  #lastEnd(s: Uint8Array): number {
    let last = 0;
    this.#eachEnd((place) => {
      last = Math.max(last, at(s, place));
    });
    return last;
  }

  #canAppend(s: Uint8Array): boolean {
    return at(s, 0) < this.bounds.pending && !this.#isTouched(s);
  }

  #append(n: Uint8Array): number {
    const old = this.latest(n);
    n.copyWithin(old + versionSize, old, old + versionSize);
    n[0] = at(n, 0) + 1;
    return old + versionSize;
  }

  /** Whether an open transaction keeps all others from changing the lock's document. */
  #isTouched(s: Uint8Array): boolean {
    for (let c = 0; c < this.bounds.clients; c++) {
      if (at(s, this.client(c) + inClient.phase) === phase.touched) return true;
    }
    return false;
  }

  #abortTransaction(n: Uint8Array, c: number): void {
    const me = this.client(c);
    if (at(n, me + inClient.phase) !== phase.touched) return;
    if (at(n, me + inClient.dead) === 1) this.#finish(n, c);
    else n[me + inClient.phase] = phase.writing;
  }

  #isMine(s: Uint8Array, version: number, c: number): boolean {
    const grant = at(s, version + inVersion.grant);
    const isOwner = grant > 0 && (grant - 1) % this.bounds.clients === c;
    return isOwner && at(s, version + inVersion.token) === at(s, this.client(c) + inClient.token);
  }

  #isInLine(s: Uint8Array, version: number, id: number): boolean {
    for (let place = 0; place < 3; place++) {
      if (at(s, version + inVersion.line + place) % timeIsUp === id) return true;
    }
    return false;
  }

  /** Where an id stands in line, whether its time is up or not; with 0 the first place that is free. */
  #placeInLine(n: Uint8Array, version: number, id: number): number {
    for (let place = 0; place < 3; place++) {
      const waiter = at(n, version + inVersion.line + place);
      if (waiter % timeIsUp === id) return version + inVersion.line + place;
    }
    throw new RangeError('there are more than three in line');
  }

  #isAliveInLine(s: Uint8Array, version: number, id: number): boolean {
    for (let place = 0; place < 3; place++) {
      if (at(s, version + inVersion.line + place) === id) return true;
    }
    return false;
  }

  #keepInLine(n: Uint8Array, version: number, isKept: (waiter: number) => boolean): void {
    let kept = 0;
    for (let place = 0; place < 3; place++) {
      const waiter = at(n, version + inVersion.line + place);
      if (waiter !== 0 && isKept(waiter)) n[version + inVersion.line + kept++] = waiter;
    }
    for (; kept < 3; kept++) n[version + inVersion.line + kept] = 0;
  }

  #lastPlace(s: Uint8Array, version: number): number {
    let place = 2;
    while (place > 0 && at(s, version + inVersion.line + place) === 0) place -= 1;
    return place;
  }

  #whoIsInLine(s: Uint8Array): number {
    let bits = 0;
    for (let c = 0; c < this.bounds.clients; c++) {
      if (at(s, this.client(c) + inClient.inLine) === 1) bits |= 1 << c;
    }
    return bits;
  }

  #outOfLine(n: Uint8Array, c: number): void {
    n[this.client(c) + inClient.inLine] = 0;
    for (let other = 0; other < this.bounds.clients; other++) {
      const ahead = this.client(other) + inClient.ahead;
      n[ahead] = other === c ? 0 : at(n, ahead) & ~(1 << c);
    }
  }

  /** After a fail-over those are ahead who stand before; somebody new may have come back later. */
  #seeWhoIsBefore(n: Uint8Array, c: number): void {
    const version = this.latest(n);
    const id = this.idOf(n, c);
    if (!this.#isInLine(n, version, id)) return;
    let before = 0;
    for (let place = 0; place < 3; place++) {
      const waiter = at(n, version + inVersion.line + place);
      if (waiter % timeIsUp === id) break;
      if (waiter < timeIsUp) before |= 1 << this.#clientOf(waiter);
    }
    const ahead = this.client(c) + inClient.ahead;
    const isTold = at(n, this.client(c) + inClient.inLine) === 1;
    n[ahead] = isTold ? before : at(n, ahead) & before;
  }

  #giveUp(n: Uint8Array, c: number, next: number): void {
    const me = this.client(c);
    this.#outOfLine(n, c);
    n[me + inClient.phase] = next;
    n[me + inClient.kind] = 0;
    n[me + inClient.woken] = 0;
    n[me + inClient.called] = 0;
  }

  /** Forgets the answer to the client's request. */
  #forget(n: Uint8Array, c: number): void {
    for (let v = 1; v < this.#clients; v += versionSize) n[v + inVersion.answer + c] = 0;
  }

  /** The client has nothing to do any more, until it asks again. */
  #finish(n: Uint8Array, c: number): void {
    const me = this.client(c);
    this.#forget(n, c);
    this.#outOfLine(n, c);
    const { phase: now, replyLost, woken, token, end, kind: how, called } = inClient;
    for (const field of [now, replyLost, woken, token, end, how, called]) n[me + field] = 0;
  }

  /** The streams tell of the write that a majority has now; `s` is as it was before. */
  #call(s: Uint8Array, n: Uint8Array): void {
    const id = at(n, 1 + inVersion.called);
    if (id === 0 || id === at(s, 1 + inVersion.called)) return; // a field that stays is not told of
    const c = this.#clientOf(id);
    const me = this.client(c);
    if (!this.rules.polls && at(n, me + inClient.listens) === 0) return;
    if (!this.#waits(n, id)) return;
    n[me + inClient.called] = at(n, 1 + inVersion.token);
    this.#wake(n, id);
  }

  /** Lets somebody who waits ask, unless he does so anyway. */
  #wake(n: Uint8Array, waiter: number): void {
    const id = waiter % timeIsUp;
    if (id === 0 || this.rules.polls || !this.#waits(n, id)) return;
    n[this.client(this.#clientOf(id)) + inClient.woken] = 1;
  }

  /** Whether the asker of this id waits, or asks in order to. */
  #waits(n: Uint8Array, id: number): boolean {
    const c = this.#clientOf(id);
    const me = this.client(c);
    const now = at(n, me + inClient.phase);
    const isThere = now === phase.asking || now === phase.waiting;
    return isThere && this.idOf(n, c) === id && at(n, me + inClient.dead) === 0;
  }

  #clientOf(id: number): number {
    return (id - 1) % this.bounds.clients;
  }

  #isAlive(s: Uint8Array, id: number): boolean {
    const c = this.#clientOf(id);
    return this.idOf(s, c) === id && at(s, this.client(c) + inClient.dead) === 0;
  }

  #has(s: Uint8Array, which: number): boolean {
    return at(s, this.#budgets + which) > 0;
  }

  #spend(n: Uint8Array, which: number): void {
    n[this.#budgets + which] = at(n, this.#budgets + which) - 1;
  }
}

/** What is left of the bounds; and which tokens clients were told of, one bit each. */
const budget = {
  acknowledged: 0,
  failOvers: 1,
  lostReplies: 2,
  deaths: 3,
  renewals: 4,
  writes: 5,
  aborts: 6,
  tryLocks: 7,
  streamLosses: 8,
  size: 9,
} as const;

/** Whether a client in this phase has sent one request that the primary executes in one step. */
function isRequest(now: number): boolean {
  return (
    now === phase.asking ||
    now === phase.releasing ||
    now === phase.extending ||
    now === phase.leaving ||
    now === phase.yielding
  );
}

function ones(bits: number): number {
  let count = 0;
  for (let left = bits; left !== 0; left &= left - 1) count += 1;
  return count;
}

function at(bytes: Uint8Array, index: number): number {
  return bytes[index] ?? 0;
}
