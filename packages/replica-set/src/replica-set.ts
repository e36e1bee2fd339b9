/** A whole set: started, broken on command, and stopped. */
import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { BsonDocument, EncodableDocument } from './bson-document.ts';
import { Condition } from './condition.ts';
import { type FaultSettings, noFaults, unreachableBy } from './faults.ts';
import { type MemberAddress, type MemberConfig, uriOf } from './member-config.ts';
import { MemberHost } from './member-host.ts';
import {
  type MemberOptions,
  meetsTags,
  memberList,
  settingsOf,
  type TagCounts,
} from './member-settings.ts';
import { Peer } from './peer.ts';
import { ReplicaSetError } from './replica-set-error.ts';
import type { CommandFailure, Member, ReplicaSetOptions } from './replica-set-options.ts';

/**
 * A MongoDB-compatible replica set inside this process.
 *
 * Each member runs in a thread, or a process, of its own and keeps its data in one SQLite
 * file; clients reach it over TCP by MongoDB's wire protocol. What a majority
 * has acknowledged survives the end of any one member, and of the process.
 *
 * @example
 * const rs = await ReplicaSet.start({ members: 3 });
 * const client = new MongoClient(rs.uri);
 * await client.db('shop').collection('orders').insertOne({ total: 12 });
 * await rs.kill(rs.primary);
 * await client.db('shop').collection('orders').countDocuments(); // => 1
 * await client.close();
 * await rs.stop();
 */
export class ReplicaSet {
  readonly name: string;
  readonly #changed: Condition;
  readonly #configs: MemberConfig[];
  readonly #hosts: MemberHost[];
  readonly #temporary: string | undefined;
  readonly #processes: boolean;
  readonly #options: readonly MemberOptions[];
  /** How often each member was started again. */
  readonly #runs: number[];
  /** By member; they are its surroundings' and outlive its restart. */
  readonly #faults: FaultSettings[];

  private constructor(parts: {
    configs: MemberConfig[];
    hosts: MemberHost[];
    changed: Condition;
    temporary: string | undefined;
    processes: boolean;
    list: readonly MemberOptions[];
  }) {
    this.name = parts.configs[0]?.setName ?? '';
    this.#configs = parts.configs;
    this.#hosts = parts.hosts;
    this.#changed = parts.changed;
    this.#temporary = parts.temporary;
    this.#processes = parts.processes;
    this.#options = parts.list;
    this.#runs = parts.configs.map(() => 0);
    this.#faults = parts.configs.map(() => noFaults);
  }

  /**
   * Starts a set and resolves once it has a primary.
   *
   * @throws {RangeError} when no set can be made of `members`, or for a mode that they can never meet
   * @throws {ReplicaSetError} `data-in-use` when another process has the files open, `port-in-use`,
   *   `data-newer`, `data-damaged` and `data-unreadable` for a file that cannot be used, which is left as it is,
   *   `data-lost` when half of the files or more are gone, `members-changed` when they are of a set of another size
   */
  static async start({
    members = 1,
    name = 'rs0',
    port = 0,
    host = '127.0.0.1',
    dataDir,
    electionTimeoutMS = 1000,
    logBytes = (dataDir === undefined ? 16 : 64) * 1024 * 1024,
    getLastErrorModes = {},
    seed,
    user,
    processes = false,
  }: ReplicaSetOptions = {}): Promise<ReplicaSet> {
    const list = memberList(members);
    requireModes(getLastErrorModes, list);
    if (seed !== undefined && !Number.isSafeInteger(seed)) {
      throw new RangeError(`a seed is a whole number, not ${seed}`);
    }
    if (!(logBytes > 0)) throw new RangeError(`logBytes is a positive number, not ${logBytes}`);
    const temporary =
      dataDir === undefined ? await mkdtemp(join(tmpdir(), 'replica-set-')) : undefined;
    const folder = dataDir ?? temporary ?? '';
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const secret = randomBytes(24).toString('base64url');
    const changed = new Condition();
    const configs = list.map(
      (_, index): MemberConfig => ({
        index,
        setName: name,
        host,
        port: port === 0 ? 0 : port + index,
        file: join(folder, `member-${index}.sqlite`),
        durable: dataDir !== undefined,
        electionTimeoutMS,
        logBytes,
        secret,
        writeConcernModes: getLastErrorModes,
        seed,
        user,
      }),
    );
    const hosts = configs.map(
      (config) => new MemberHost(config, changed, { processes, faults: noFaults }),
    );
    try {
      const ports = await Promise.all(hosts.map((host) => host.listening()));
      const settled = configs.map((config, index) => ({ ...config, port: ports[index] ?? 0 }));
      const set = new ReplicaSet({ configs: settled, hosts, changed, temporary, processes, list });
      await set.#gather();
      await set.waitForPrimary();
      return set;
    } catch (error) {
      await Promise.all(hosts.map((host) => host.kill()));
      if (temporary !== undefined) await rm(temporary, { recursive: true, force: true });
      throw error;
    }
  }

  /** The connection string of all members; it holds the password, if the set has a user. */
  get uri(): string {
    const shown = this.#configs.filter(({ index }) => !settingsOf(this.#options[index]).hidden);
    return uriOf(shown);
  }

  get members(): Member[] {
    return this.#configs.map(({ index, host, port }) => {
      const { role = 'down', processId = 0, failure } = this.#hosts[index] ?? {};
      return { index, host, port, role, processId, failure };
    });
  }

  /** The member that is primary now; throws `ReplicaSetError` `no-primary` while there is none. */
  get primary(): Member {
    const member = this.#newestPrimary();
    if (member !== undefined) return member;
    throw new ReplicaSetError('no-primary', 'there is no primary now: await waitForPrimary()');
  }

  #newestPrimary(): Member | undefined {
    const [newest] = this.#hosts
      .map((host, index) => ({ index, host }))
      .filter(({ host }) => host.role === 'primary')
      .sort((a, b) => b.host.term - a.host.term);
    return newest && this.members[newest.index];
  }

  /** Resolves to the primary once there is one; rejects with `no-primary` after `milliseconds`. */
  async waitForPrimary(milliseconds = 30_000): Promise<Member> {
    // Noted when it is seen: it may have stepped down by the time that the wait resolves.
    let member: Member | undefined;
    await this.#changed.until(() => {
      member = this.#newestPrimary();
      if (member !== undefined) return true;
      const failures = this.#hosts
        .map(({ failure }) => failure)
        .filter((each) => each !== undefined);
      const [first] = failures;
      if (first !== undefined && failures.length * 2 >= this.#hosts.length) throw first;
      return false;
    }, milliseconds);
    if (member !== undefined) return member;
    throw new ReplicaSetError('no-primary', `no member became primary within ${milliseconds} ms`);
  }

  /** Lets the primary hand over to a member that has all it has; resolves once there is a new one. */
  async stepDown(seconds = 10): Promise<void> {
    const term = this.#hosts[this.primary.index]?.term ?? 0;
    await this.#command(this.primary, { holdfastStepDown: seconds });
    await this.#changed.until(() =>
      this.#hosts.some((host) => host.role === 'primary' && host.term > term),
    );
  }

  /** Ends a member's thread or process (SIGKILL) where it stands; what it has not synced is lost with it. */
  async kill(member: Member | number): Promise<void> {
    await this.#host(member).kill();
  }

  /**
   * Starts a member that was killed, on its old port and its old file; without its
   * file it takes a copy from the others (`data-lost` when there are none).
   */
  async restart(member: Member | number): Promise<void> {
    const config = this.#configs[indexOf(member)];
    if (config === undefined) throw new RangeError(`there is no member ${indexOf(member)}`);
    await this.#hosts[config.index]?.stop();
    const run = (this.#runs[config.index] ?? 0) + 1;
    this.#runs[config.index] = run;
    const host = new MemberHost({ ...config, run }, this.#changed, {
      processes: this.#processes,
      faults: this.#faults[config.index] ?? noFaults,
    });
    this.#hosts[config.index] = host;
    await host.listening();
    const blank = host.membership.stage === 'new';
    if (blank && this.#hosts.length === 1) {
      await host.kill();
      throw new ReplicaSetError(
        'data-lost',
        `${config.file} is gone, and there is no other member`,
      );
    }
    host.join(this.#addresses, { blank });
  }

  /** Founds the set, or lets those that have their files go on, and those that lost them take a copy. */
  async #gather(): Promise<void> {
    const count = this.#hosts.length;
    const folder = dirname(this.#configs[0]?.file ?? '');
    const other = this.#hosts.find(({ membership }) => (membership.members ?? count) !== count);
    if (other !== undefined) {
      throw new ReplicaSetError(
        'members-changed',
        `${folder} holds a set of ${other.membership.members} members: start it with as many, not ${count}`,
      );
    }
    const begun = this.#hosts.some(({ membership }) => membership.stage === 'begun');
    const votes = (host: MemberHost) => settingsOf(this.#options[this.#hosts.indexOf(host)]).votes;
    const sum = (hosts: readonly MemberHost[]) =>
      hosts.map(votes).reduce<number>((a, b) => a + b, 0);
    const lost = begun ? this.#hosts.filter(({ membership }) => membership.stage === 'new') : [];
    if (lost.length > 0 && sum(lost) * 2 >= sum(this.#hosts)) {
      throw new ReplicaSetError(
        'data-lost',
        `${lost.length} of ${count} members have lost their files in ${folder}, and writes that a majority had may be gone with them. Bring the files back, or put copies of a file that is left in their place`,
      );
    }
    const untold = this.#hosts.filter(({ membership: { stage, members } }) =>
      begun ? stage === 'begun' && members === undefined : members === undefined,
    );
    await Promise.all(untold.map((host) => host.found(count)));
    for (const host of this.#hosts) host.join(this.#addresses, { blank: lost.includes(host) });
  }

  /**
   * Lets a member stand still: it neither answers nor acts, but its sockets stay open.
   * A process gets SIGSTOP, a thread is held where it is; the others elect a primary
   * if it was theirs.
   */
  async freeze(member: Member | number): Promise<void> {
    await this.#host(member).freeze();
  }

  /** Lets a frozen member go on; it then finds what happened without it. */
  thaw(member: Member | number): void {
    this.#host(member).thaw();
  }

  /**
   * Cuts the lines between members of different groups; clients still reach all.
   * A primary without a majority demotes itself within about the election timeout.
   *
   * @throws {RangeError} when a member is in no group, or in two
   */
  async partition(groups: readonly (readonly (Member | number)[])[]): Promise<void> {
    const unreachable = unreachableBy(
      groups.map((group) => group.map(indexOf)),
      this.#hosts.length,
    );
    await Promise.all(unreachable.map((cut, index) => this.#suffer(index, { unreachable: cut })));
  }

  /** Lets all members reach each other again; what no majority has had is then rolled back. */
  async heal(): Promise<void> {
    await Promise.all(this.#hosts.map((_, index) => this.#suffer(index, { unreachable: [] })));
  }

  /** Lets a member take over the log at least `milliseconds` later; 0 ends that. */
  async lag(member: Member | number, milliseconds: number): Promise<void> {
    requireMilliseconds(milliseconds);
    await this.#suffer(member, { lag: milliseconds });
  }

  /** Lets every sync of a member's disk take `milliseconds` longer; 0 ends that. */
  async slowDisk(member: Member | number, milliseconds: number): Promise<void> {
    requireMilliseconds(milliseconds);
    await this.#suffer(member, { syncDelay: milliseconds });
  }

  /**
   * Lets a member's writes fail as on a full disk (14031, OutOfDiskSpace), until
   * `full` is false: nothing of them is kept, and nothing acknowledged. Reads go on.
   */
  async fillDisk(member: Member | number, full = true): Promise<void> {
    await this.#suffer(member, { diskFull: full });
  }

  /** Sets a member's clock ahead, or back when negative; the times of its log rise all the same. */
  async skewClock(member: Member | number, milliseconds: number): Promise<void> {
    requireMilliseconds(Math.abs(milliseconds));
    await this.#suffer(member, { clockSkew: milliseconds });
  }

  /**
   * The next `count` writes are carried out, but their connection is cut instead of a reply; with
   * `appName` the next ones of the clients that call themselves so.
   */
  async loseReplies(count: number, { appName }: { appName?: string } = {}): Promise<void> {
    await this.#command(this.primary, {
      configureFailPoint: 'loseReplies',
      mode: count > 0 ? { times: count } : 'off',
      data: appName === undefined ? {} : { appName },
    });
  }

  /** Lets commands to the primary fail, as MongoDB's fail point `failCommand` does. */
  async failCommand({ times = 1, skip, ...data }: CommandFailure): Promise<void> {
    const counted = times === Number.POSITIVE_INFINITY ? 'alwaysOn' : { times };
    await this.#command(this.primary, {
      configureFailPoint: 'failCommand',
      mode: skip === undefined ? counted : { skip },
      data: data as unknown as EncodableDocument,
    });
  }

  /** Stops every member in order; files without a `dataDir` of their own are removed. */
  async stop(): Promise<void> {
    await Promise.all(this.#hosts.map((host) => host.stop()));
    if (this.#temporary !== undefined) await rm(this.#temporary, { recursive: true, force: true });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  #host(member: Member | number): MemberHost {
    const host = this.#hosts[indexOf(member)];
    if (host !== undefined) return host;
    throw new RangeError(`there is no member ${indexOf(member)}`);
  }

  async #suffer(member: Member | number, change: Partial<FaultSettings>): Promise<void> {
    const host = this.#host(member);
    const faults = { ...(this.#faults[indexOf(member)] ?? noFaults), ...change };
    this.#faults[indexOf(member)] = faults;
    await host.suffer(faults);
  }

  get #addresses(): MemberAddress[] {
    return this.#configs.map(({ index, host, port }) => {
      return { index, host, port, options: this.#options[index] ?? {} };
    });
  }

  async #command(member: Member, command: EncodableDocument): Promise<BsonDocument> {
    const peer = new Peer(member, this.#configs[member.index]?.secret ?? '');
    try {
      const reply = await peer.request(command, 30_000);
      if (Number(reply.get('ok')) === 1) return reply;
      throw new ReplicaSetError('command-failed', String(reply.get('errmsg')));
    } finally {
      peer.close();
    }
  }
}

function requireModes(
  modes: Readonly<Record<string, TagCounts>>,
  members: readonly MemberOptions[],
): void {
  for (const [name, counts] of Object.entries(modes)) {
    if (name !== 'majority' && meetsTags(counts, members.map(settingsOf))) continue;
    throw new RangeError(
      `no write could ever meet the mode '${name}': the members' tags have fewer values, or it has a name of MongoDB's own`,
    );
  }
}

function requireMilliseconds(value: number): void {
  if (value >= 0 && value < 2 ** 31) return;
  throw new RangeError(`milliseconds are a number from 0 to 2 ** 31, not ${value}`);
}

function indexOf(member: Member | number): number {
  return typeof member === 'number' ? member : member.index;
}
