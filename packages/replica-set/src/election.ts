/**
 * Elections: Ongaro and Ousterhout, "In Search of an Understandable Consensus
 * Algorithm" (Raft), with trial votes, and a primary that can hand over.
 */
import type { BsonDocument, EncodableDocument } from './bson-document.ts';
import { Condition } from './condition.ts';
import { greetingOf, noteGreeting } from './greeting.ts';
import type { MemberConfig } from './member-config.ts';
import type { LogTime } from './operation.ts';
import type { ReplicaLog } from './replica-log.ts';
import { seededRandom } from './seeded-random.ts';
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
  readonly #random: () => number;
  readonly #now: () => Date;
  #primaryHeardAt = 0;
  /** Until then it does not stand after it stepped down, and until then because it was told not to. */
  #mayStandAt = 0;
  #frozenUntil = 0;
  #yielding = false;
  #electedAt = 0;
  #electedOn: LogTime | undefined;

  constructor(
    config: MemberConfig,
    standing: Standing,
    log: ReplicaLog,
    { onWin, now }: { onWin: () => void; now: () => Date },
  ) {
    this.#config = config;
    const { seed, index, run = 0 } = config;
    this.#random =
      seed === undefined ? Math.random : seededRandom(seed, `member ${index}, run ${run}`);
    this.#now = now;
    this.#standing = standing;
    this.#log = log;
    this.#onWin = onWin;
  }

  start(): void {
    if (this.#standing.others.length === 0) this.#standAlone();
    else {
      this.#heartbeat();
      this.#planCampaign(20 + this.#rank() * 60);
    }
  }

  /** How many members go before this one: those with a higher priority, then those that come first. */
  #rank(): number {
    const { others, settings, index } = this.#standing;
    return others.filter(({ settings: { priority }, address }) =>
      priority === settings.priority ? address.index < index : priority > settings.priority,
    ).length;
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

  /**
   * Steps down and does not stand again for `seconds`; hands over to a member that has the whole log.
   * When none has it in time it stays (262), unless it is forced.
   */
  async stepDown(
    seconds: number,
    catchUpMilliseconds: number,
    { force = false, above = -1 }: { force?: boolean; above?: number } = {},
  ): Promise<void> {
    const standing = this.#standing;
    const requirePrimary = () => {
      if (standing.role !== 'primary') {
        throw new ServerError(10107, "not primary so can't step down");
      }
    };
    const heir = () => this.#heir(above);
    requirePrimary();
    const caughtUp = await standing.changed.until(
      () => standing.role !== 'primary' || standing.others.length === 0 || heir() !== undefined,
      catchUpMilliseconds,
    );
    requirePrimary();
    if (!caughtUp && !force) {
      throw new ServerError(262, 'No electable secondaries caught up; please try again later');
    }
    const successor = heir();
    this.#mayStandAt = performance.now() + seconds * 1000;
    this.#follow(standing.term, undefined);
    if (standing.others.length === 0) {
      // A set of one comes back by itself when its time is over.
      setTimeout(() => {
        if (!standing.stopped && standing.role !== 'primary') this.start();
      }, seconds * 1000);
      return;
    }
    await successor?.line
      .request({ holdfastStandNow: 1, term: standing.term }, this.#config.electionTimeoutMS)
      .catch(() => {});
  }

  /** The member of the highest priority that has the whole log and would stand. */
  #heir(above: number): OtherMember | undefined {
    const { position } = this.#log.end;
    return this.#standing.others
      .filter(({ matched, stands, settings }) => {
        return matched >= position && stands && settings.priority > Math.max(0, above);
      })
      .sort((a, b) => b.settings.priority - a.settings.priority)[0];
  }

  /** Hands over to a member of higher priority, once that has caught up; a young primary is let alone. */
  async #yield(): Promise<void> {
    const { role, settings, others } = this.#standing;
    const young = performance.now() - this.#electedAt < this.#config.electionTimeoutMS;
    if (role !== 'primary' || this.#yielding || young) return;
    const since = performance.now() - this.#config.electionTimeoutMS;
    const isBetter = (other: OtherMember) =>
      other.settings.priority > settings.priority &&
      other.stands &&
      !other.rests &&
      other.heardAt >= since;
    const near = this.#log.end.position - 1000;
    if (!others.some((other) => isBetter(other) && other.matched >= near)) return;
    this.#yielding = true;
    try {
      await this.stepDown(0, this.#config.electionTimeoutMS, { above: settings.priority });
    } catch {
      // It will be tried again with the next greeting.
    } finally {
      this.#yielding = false;
    }
  }

  /** Does not stand for `seconds`, or does again when that is 0; only what is not primary can (95). */
  freeze(seconds: number): void {
    const standing = this.#standing;
    if (standing.role === 'primary') {
      throw new ServerError(
        95,
        'cannot freeze node when primary or running for election. state: Primary',
      );
    }
    this.#frozenUntil = seconds === 0 ? 0 : performance.now() + seconds * 1000;
    if (seconds > 0) return;
    this.#mayStandAt = 0;
    if (standing.others.length === 0) this.start();
  }

  /** When this primary was elected, by the clock of the log. */
  get electedOn(): LogTime | undefined {
    return this.#standing.role === 'primary' ? this.#electedOn : undefined;
  }

  /** Asked by a primary that steps down: stands without waiting, be it soon after its own step-down. */
  async standNow(term: number): Promise<void> {
    if (term < this.#standing.term || performance.now() < this.#frozenUntil) return;
    this.#mayStandAt = 0;
    await this.#campaign(true);
  }

  /** The line to the primary broke: asks at once whether there is to be another. */
  loseLeader(): void {
    this.#primaryHeardAt = 0;
    this.#follow(this.#standing.term, undefined);
    this.#planCampaign(10 + this.#random() * 50);
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
    if (standing.blank || standing.settings.votes === 0) {
      return { ok: 1, granted: false, term: standing.term };
    }
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
    const { stopped, others, settings } = this.#standing;
    if (stopped || others.length === 0 || settings.priority === 0) return;
    const patience = this.#config.electionTimeoutMS * (1 + this.#random() * 0.3);
    this.#campaignTimer = setTimeout(() => {
      void this.#campaign(false);
    }, milliseconds ?? patience);
  }

  async #campaign(handedOver: boolean): Promise<void> {
    const standing = this.#standing;
    if (standing.stopped || standing.role === 'primary' || this.#campaigning) return;
    const now = performance.now();
    if (standing.recovering || now < this.#mayStandAt || now < this.#frozenUntil) {
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
      if (this.#mayStand()) this.#planCampaign(40 + this.#random() * 120);
    }
  }

  #mayStand(): boolean {
    const { stopped, role, recovering, settings } = this.#standing;
    return !stopped && role !== 'primary' && !recovering && settings.priority > 0;
  }

  /** True when a majority, this member among it, says yes. */
  async #poll(term: number, trial: boolean): Promise<boolean> {
    const { index: candidate, voters, majority } = this.#standing;
    const { position, term: lastTerm } = this.#log.durable;
    const question = { holdfastVote: 1, term, candidate, position, lastTerm, trial };
    const answered = new Condition();
    let yes = 1;
    let open = voters.length;
    for (const { line } of voters) {
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
    this.#electedAt = performance.now();
    this.#onWin();
    const { seconds, increment } = this.#log.end;
    this.#electedOn = { seconds, increment };
    this.#heartbeat();
  }

  // Heartbeats

  #heartbeat(): void {
    clearTimeout(this.#heartbeatTimer);
    if (this.#standing.stopped || this.#standing.others.length === 0) return;
    for (const other of this.#standing.others) void this.#greet(other);
    this.#stepDownWhenAlone();
    void this.#yield();
    this.#heartbeatTimer = setTimeout(() => this.#heartbeat(), this.#config.electionTimeoutMS / 5);
  }

  async #greet(other: OtherMember): Promise<void> {
    const greeting = { holdfastHeartbeat: 1, from: this.#standing.index, ...this.#self() };
    const sent = performance.now();
    try {
      const reply = await other.line.request(greeting, this.#config.electionTimeoutMS);
      if (Number(reply.get('ok')) !== 1) return;
      const took = performance.now() - sent;
      other.ping = other.ping === 0 ? took : other.ping * 0.8 + took * 0.2;
      other.heardOn = this.#now();
      this.#hear(other, reply);
    } catch {
      // A member that does not answer is noticed by the time since it was heard.
    }
  }

  /** Answers another member's heartbeat. */
  heartbeat(greeting: BsonDocument): EncodableDocument {
    const other = this.#standing.other(Number(greeting.get('from')));
    if (other !== undefined) {
      other.spokeOn = this.#now();
      this.#hear(other, greeting);
    }
    return { ok: 1, ...this.#self() };
  }

  #self(): EncodableDocument {
    const now = performance.now();
    return greetingOf(this.#standing, this.#log.durable, {
      stands: this.#mayStand() && now >= this.#frozenUntil,
      rests: now < this.#mayStandAt,
      electedOn: this.electedOn,
    });
  }

  #hear(other: OtherMember, said: BsonDocument): void {
    const standing = this.#standing;
    if (standing.stopped) return;
    const term = Number(said.get('term'));
    const away = performance.now() - other.heardAt > this.#config.electionTimeoutMS * 2;
    if (away || other.upSince === undefined) other.upSince = this.#now();
    other.heardAt = performance.now();
    noteGreeting(other, said);
    this.hearTerm(term);
    if (other.role === 'primary' && term === standing.term && standing.role === 'secondary') {
      this.hearPrimary(other.address.index);
    }
  }

  /** A primary that no majority answers is one no more: somebody else may be elected by now. */
  #stepDownWhenAlone(): void {
    const { role, voters, settings, majority, term } = this.#standing;
    if (role !== 'primary') return;
    const since = performance.now() - this.#config.electionTimeoutMS;
    const heard = voters.filter(({ heardAt, blank }) => heardAt >= since && !blank).length;
    if (heard + settings.votes < majority) this.#follow(term, undefined);
  }
}

function isDiskFull(error: unknown): boolean {
  return error instanceof ServerError && error.code === 14031;
}
