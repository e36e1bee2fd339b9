/**
 * Elections: Ongaro and Ousterhout, "In Search of an Understandable Consensus
 * Algorithm" (Raft), with trial votes, and a primary that can hand over.
 */
import type { BsonDocument, EncodableDocument } from './bson-document.ts';
import { Condition } from './condition.ts';
import type { MemberConfig } from './member-config.ts';
import type { ReplicaLog } from './replica-log.ts';
import { ServerError } from './server-error.ts';
import type { OtherMember, Standing } from './standing.ts';

export class Election {
  readonly #config: MemberConfig;
  readonly #standing: Standing;
  readonly #log: ReplicaLog;
  readonly #onWin: () => void;
  #campaignTimer: NodeJS.Timeout | undefined;
  #heartbeatTimer: NodeJS.Timeout | undefined;
  #campaigning = false;
  #primaryHeardAt = 0;
  #mayStandAt = 0;

  constructor(config: MemberConfig, standing: Standing, log: ReplicaLog, onWin: () => void) {
    this.#config = config;
    this.#standing = standing;
    this.#log = log;
    this.#onWin = onWin;
  }

  start(): void {
    if (this.#standing.others.length === 0) this.#standAlone();
    else {
      this.#heartbeat();
      this.#planCampaign(20 + this.#standing.index * 60);
    }
  }

  /** The only member needs no votes, but room for its own. */
  #standAlone(): void {
    try {
      this.#standing.vote(this.#standing.term + 1, this.#standing.index);
      this.#win();
    } catch (error) {
      if (!isDiskFull(error)) throw error;
      this.#follow(this.#standing.term, undefined);
      this.#campaignTimer = setTimeout(() => {
        if (!this.#standing.stopped) this.#standAlone();
      }, this.#config.electionTimeoutMS / 5);
    }
  }

  stop(): void {
    clearTimeout(this.#campaignTimer);
    clearTimeout(this.#heartbeatTimer);
  }

  /** Steps down and does not stand again for `seconds`; hands over to a member that has the whole log. */
  async stepDown(seconds: number, catchUpMilliseconds: number): Promise<void> {
    const standing = this.#standing;
    const requirePrimary = () => {
      if (standing.role !== 'primary') throw new ServerError(10107, 'not primary');
    };
    const heir = () => standing.others.find(({ matched }) => matched >= this.#log.end.position);
    requirePrimary();
    const caughtUp = await standing.changed.until(
      () => standing.role !== 'primary' || standing.others.length === 0 || heir() !== undefined,
      catchUpMilliseconds,
    );
    requirePrimary();
    if (!caughtUp) {
      throw new ServerError(262, 'No electable secondaries caught up; please try again later');
    }
    const successor = heir();
    this.#mayStandAt = performance.now() + seconds * 1000;
    this.#follow(standing.term, undefined);
    if (successor === undefined) {
      // A set of one comes back by itself when its time is over.
      setTimeout(() => {
        if (!standing.stopped) this.start();
      }, seconds * 1000);
      return;
    }
    await successor.line
      .request({ holdfastStandNow: 1, term: standing.term }, this.#config.electionTimeoutMS)
      .catch(() => {});
  }

  /** Ceases to be primary at once, with no successor in mind. */
  giveUp(): void {
    this.#follow(this.#standing.term, undefined);
  }

  /** Asked by a primary that steps down: stands without waiting, be it soon after its own step-down. */
  async standNow(term: number): Promise<void> {
    if (term < this.#standing.term) return;
    this.#mayStandAt = 0;
    await this.#campaign(true);
  }

  /** The line to the primary broke: asks at once whether there is to be another. */
  loseLeader(): void {
    this.#primaryHeardAt = 0;
    this.#follow(this.#standing.term, undefined);
    this.#planCampaign(10 + Math.random() * 50);
  }

  /** A sign of the primary of this term. */
  hearPrimary(index: number): void {
    this.#primaryHeardAt = performance.now();
    if (this.#standing.leader === index) this.#planCampaign();
    else this.#follow(this.#standing.term, index);
  }

  /** A later term was heard of: whatever this member was, it is not that any more. */
  hearTerm(term: number): void {
    if (term > this.#standing.term) this.#follow(term, undefined);
  }

  /** Answers another member's request for a vote. */
  vote(request: BsonDocument): EncodableDocument {
    const standing = this.#standing;
    const term = Number(request.get('term'));
    const candidate = Number(request.get('candidate'));
    const upToDate = this.#isUpToDate(
      Number(request.get('position')),
      Number(request.get('lastTerm')),
    );
    if (request.get('trial') === true) {
      const quiet = performance.now() - this.#primaryHeardAt > this.#config.electionTimeoutMS;
      const granted = upToDate && quiet && standing.role !== 'primary' && term > standing.term;
      return { ok: 1, granted, term: standing.term };
    }
    this.hearTerm(term);
    const free = standing.votedFor === undefined || standing.votedFor === candidate;
    const granted = term === standing.term && upToDate && free && standing.role !== 'primary';
    if (granted) {
      if (standing.votedFor === undefined) standing.vote(term, candidate);
      this.#planCampaign();
    }
    return { ok: 1, granted, term: standing.term };
  }

  /** True when a candidate's log has all that this member's has on its disk. */
  #isUpToDate(position: number, lastTerm: number): boolean {
    const own = this.#log.durable;
    return lastTerm > own.term || (lastTerm === own.term && position >= own.position);
  }

  #follow(term: number, leader: number | undefined): void {
    try {
      this.#standing.becomeSecondary(term, leader);
    } finally {
      this.#planCampaign();
    }
  }

  #planCampaign(milliseconds?: number): void {
    clearTimeout(this.#campaignTimer);
    if (this.#standing.stopped || this.#standing.others.length === 0) return;
    const patience = this.#config.electionTimeoutMS * (1 + Math.random() * 0.3);
    this.#campaignTimer = setTimeout(() => {
      void this.#campaign(false);
    }, milliseconds ?? patience);
  }

  async #campaign(handedOver: boolean): Promise<void> {
    const standing = this.#standing;
    if (standing.stopped || standing.role === 'primary' || this.#campaigning) return;
    if (performance.now() < this.#mayStandAt) {
      this.#planCampaign();
      return;
    }
    this.#campaigning = true;
    try {
      const trial = handedOver || (await this.#poll(standing.term + 1, true));
      if (!trial || !this.#mayStand()) return;
      const term = standing.term + 1;
      standing.vote(term, standing.index);
      const won = await this.#poll(term, false);
      if (won && standing.term === term && this.#mayStand()) this.#win();
    } catch (error) {
      // A member that cannot write can neither vote for itself nor begin a term.
      if (!isDiskFull(error)) throw error;
      this.#follow(standing.term, undefined);
    } finally {
      this.#campaigning = false;
      if (this.#mayStand()) this.#planCampaign(40 + Math.random() * 120);
    }
  }

  #mayStand(): boolean {
    return !this.#standing.stopped && this.#standing.role !== 'primary';
  }

  /** True when a majority, this member among it, says yes. */
  async #poll(term: number, trial: boolean): Promise<boolean> {
    const { index: candidate, others, majority } = this.#standing;
    const { position, term: lastTerm } = this.#log.durable;
    const question = { holdfastVote: 1, term, candidate, position, lastTerm, trial };
    const answered = new Condition();
    let yes = 1;
    let open = others.length;
    for (const { line } of others) {
      line
        .request(question, this.#config.electionTimeoutMS / 2)
        .then((reply) => {
          if (reply.get('granted') === true) yes += 1;
          this.hearTerm(Number(reply.get('term') ?? 0));
        })
        .catch(() => {})
        .finally(() => {
          open -= 1;
          answered.notify();
        });
    }
    await answered.until(() => yes >= majority || open === 0);
    return yes >= majority;
  }

  #win(): void {
    clearTimeout(this.#campaignTimer);
    this.#onWin();
    this.#heartbeat();
  }

  // Heartbeats

  #heartbeat(): void {
    clearTimeout(this.#heartbeatTimer);
    if (this.#standing.stopped || this.#standing.others.length === 0) return;
    for (const other of this.#standing.others) void this.#greet(other);
    this.#stepDownWhenAlone();
    this.#heartbeatTimer = setTimeout(() => this.#heartbeat(), this.#config.electionTimeoutMS / 5);
  }

  async #greet(other: OtherMember): Promise<void> {
    const greeting = { holdfastHeartbeat: 1, from: this.#standing.index, ...this.#self() };
    try {
      const reply = await other.line.request(greeting, this.#config.electionTimeoutMS);
      if (reply.get('ok') === 1) this.#hear(other, reply);
    } catch {
      // A member that does not answer is noticed by the time since it was heard.
    }
  }

  /** Answers another member's heartbeat. */
  heartbeat(greeting: BsonDocument): EncodableDocument {
    const other = this.#standing.other(Number(greeting.get('from')));
    if (other !== undefined) this.#hear(other, greeting);
    return { ok: 1, ...this.#self() };
  }

  #self(): EncodableDocument {
    const { position, term: lastTerm } = this.#log.durable;
    return { term: this.#standing.term, role: this.#standing.role, position, lastTerm };
  }

  #hear(other: OtherMember, said: BsonDocument): void {
    const standing = this.#standing;
    if (standing.stopped) return;
    const term = Number(said.get('term'));
    other.heardAt = performance.now();
    other.role = said.get('role') === 'primary' ? 'primary' : 'secondary';
    other.end = { position: Number(said.get('position')), term: Number(said.get('lastTerm')) };
    this.hearTerm(term);
    if (other.role === 'primary' && term === standing.term && standing.role === 'secondary') {
      this.hearPrimary(other.address.index);
    }
  }

  /** A primary that no majority answers is one no more: somebody else may be elected by now. */
  #stepDownWhenAlone(): void {
    const { role, others, majority, term } = this.#standing;
    if (role !== 'primary') return;
    const since = performance.now() - this.#config.electionTimeoutMS;
    const heard = others.filter(({ heardAt }) => heardAt >= since).length;
    if (heard + 1 < majority) this.#follow(term, undefined);
  }
}

function isDiskFull(error: unknown): boolean {
  return error instanceof ServerError && error.code === 14031;
}
