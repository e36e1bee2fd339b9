/** How a member stands in its set: its role and term, the others, and how far a majority has the log. */
import { Ballot } from './ballot.ts';
import { Condition } from './condition.ts';
import type { DatabaseFile } from './database-file.ts';
import type { Faults } from './faults.ts';
import type { MemberAddress, MemberConfig } from './member-config.ts';
import { type MemberSettings, settingsOf } from './member-settings.ts';
import type { LogEnd, LogTime } from './operation.ts';
import { Peer } from './peer.ts';

export type Role = 'primary' | 'secondary';

export interface OtherMember {
  readonly address: MemberAddress;
  /** Votes and heartbeats. */
  readonly line: Peer;
  /** The log, whose requests wait for news and would hold the others up. */
  readonly logLine: Peer;
  readonly settings: MemberSettings;
  /** On this process's monotonic clock; 0 when it was never heard. */
  heardAt: number;
  /** Since when it was heard without a break, and when it spoke of its own accord: times of day. */
  upSince: Date | undefined;
  heardOn: Date | undefined;
  spokeOn: Date | undefined;
  /** Milliseconds from a greeting to its answer; a mean that counts recent ones more. */
  ping: number;
  electedOn: LogTime | undefined;
  /** The member whose log it follows. */
  follows: number | undefined;
  /** How far its log is known to agree with this primary's, on its disk. */
  matched: number;
  end: LogEnd;
  role: Role | 'unknown';
  /** It lost its file and has no copy yet: it votes for nobody and counts for nothing. */
  blank: boolean;
  /** A full copy is due to it. */
  recovering: boolean;
  /** It would stand for election if it was asked to. */
  stands: boolean;
  /** It stepped down a while ago, and does not stand of its own accord yet. */
  rests: boolean;
}

export class Standing {
  /** Notified when anything here, or the end of the log, has changed. */
  readonly changed: Condition = new Condition();
  readonly index: number;
  readonly #ballot: Ballot;
  readonly #onRole: (role: Role, term: number) => void;
  readonly #onCommit: (position: number) => void;
  #others: readonly OtherMember[] = [];
  #voters: readonly OtherMember[] = [];
  #role: Role = 'secondary';
  #leader: number | undefined;
  #topology = 0;
  #committed = 0;
  #stopped = false;
  #blank = false;
  #settings: MemberSettings = settingsOf();
  #recovering = false;

  constructor(
    config: MemberConfig,
    file: DatabaseFile,
    onRole: (role: Role, term: number) => void,
    onCommit: (position: number) => void,
  ) {
    this.index = config.index;
    this.#ballot = new Ballot(file);
    this.#onRole = onRole;
    this.#onCommit = onCommit;
  }

  /** Opens lines to the other members. */
  join(
    members: readonly MemberAddress[],
    secret: string,
    { blank, faults }: { blank: boolean; faults: Faults },
  ): void {
    this.#blank = blank;
    this.#recovering = blank;
    this.#settings = settingsOf(members.find(({ index }) => index === this.index)?.options);
    this.#others = members
      .filter(({ index }) => index !== this.index)
      .map((address) => {
        const reaches = () => faults.reaches(address.index);
        return {
          address,
          line: new Peer(address, secret, reaches),
          logLine: new Peer(address, secret, reaches),
          heardAt: 0,
          matched: 0,
          settings: settingsOf(address.options),
          upSince: undefined,
          heardOn: undefined,
          spokeOn: undefined,
          ping: 0,
          electedOn: undefined,
          follows: undefined,
          end: { position: 0, term: 0, seconds: 0, increment: 0 },
          role: 'unknown',
          blank: false,
          recovering: false,
          stands: true,
          rests: false,
        };
      });
    this.#voters = this.#others.filter(({ settings }) => settings.votes === 1);
  }

  stop(): void {
    this.#stopped = true;
    for (const { line, logLine } of this.#others) {
      line.close();
      logLine.close();
    }
    this.changed.notify();
  }

  get role(): Role {
    return this.#role;
  }

  get term(): number {
    return this.#ballot.term;
  }

  /** The member that has this member's vote in this term. */
  get votedFor(): number | undefined {
    return this.#ballot.votedFor;
  }

  /** The primary, as far as this member knows. */
  get leader(): number | undefined {
    return this.#leader;
  }

  get others(): readonly OtherMember[] {
    return this.#others;
  }

  /** How this member takes part. */
  get settings(): MemberSettings {
    return this.#settings;
  }

  /** The others that have a vote. */
  get voters(): readonly OtherMember[] {
    return this.#voters;
  }

  /** How many votes there are, this member's included. */
  get votes(): number {
    return this.voters.length + this.#settings.votes;
  }

  get majority(): number {
    return Math.floor(this.votes / 2) + 1;
  }

  /** Counts the changes that a client has to hear of. */
  get topology(): number {
    return this.#topology;
  }

  /** The position up to which a majority has the log. */
  get committed(): number {
    return this.#committed;
  }

  /** True for a member that lost its file, until it has a full copy: it has forgotten its votes. */
  get blank(): boolean {
    return this.#blank;
  }

  /** True while a full copy is due or being taken: what this member holds is not to be read. */
  get recovering(): boolean {
    return this.#recovering;
  }

  recover(): void {
    if (this.#recovering) return;
    this.#recovering = true;
    this.#topology += 1;
    this.changed.notify();
  }

  /** The log goes on from what this member holds. */
  recovered(): void {
    if (!this.#recovering) return;
    this.#blank = false;
    this.#recovering = false;
    this.#topology += 1;
    this.changed.notify();
  }

  get stopped(): boolean {
    return this.#stopped;
  }

  other(index: number): OtherMember | undefined {
    return this.#others.find(({ address }) => address.index === index);
  }

  /** Gives a vote; it is synced before anybody hears of it. */
  vote(term: number, candidate: number): void {
    this.#ballot.enter(term, candidate);
    if (candidate === this.index) this.#leader = undefined;
  }

  becomePrimary(): void {
    this.#role = 'primary';
    this.#leader = this.index;
    this.#topology += 1;
    const now = performance.now();
    for (const other of this.#others) {
      other.matched = 0;
      other.heardAt = now;
    }
    this.#onRole('primary', this.term);
    this.changed.notify();
  }

  /** Follows `leader`, or nobody known, in `term` or the term there is, whichever is later. */
  becomeSecondary(term: number, leader: number | undefined): void {
    // A primary that cannot write down a later term ceases to be one all the same.
    if (term > this.term && this.#role === 'primary') this.becomeSecondary(this.term, undefined);
    if (term > this.term) this.#ballot.enter(term, undefined);
    const fell = this.#role === 'primary';
    if (fell || this.#leader !== leader) this.#topology += 1;
    this.#role = 'secondary';
    this.#leader = leader;
    if (fell) this.#onRole('secondary', this.term);
    this.changed.notify();
  }

  commit(position: number): void {
    if (position <= this.#committed) return;
    this.#committed = position;
    this.#onCommit(position);
    this.changed.notify();
  }
}
