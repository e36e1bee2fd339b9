/** A member as its host sees it: something that is started, told things, and ended. */
import type { Condition } from './condition.ts';
import type { FaultSettings } from './faults.ts';
import type { MemberReport } from './member.ts';
import type { MemberAddress, MemberConfig } from './member-config.ts';
import { MemberProcess } from './member-process.ts';
import { MemberThread } from './member-thread.ts';
import type { MemberEvents, MemberVessel } from './member-vessel.ts';
import type { Membership } from './membership.ts';
import { ReplicaSetError } from './replica-set-error.ts';
import type { Role } from './standing.ts';

export class MemberHost {
  readonly #vessel: MemberVessel;
  readonly #config: MemberConfig;
  readonly #changed: Condition;
  #port = 0;
  #membership: Membership = { stage: 'new', members: undefined };
  #founded = false;
  #role: Role | 'down' = 'secondary';
  #term = 0;
  #frozen = false;
  #stopped = false;
  #failure: Error | undefined;
  #told = 0;
  #suffering = 0;

  /** `changed` is notified whenever the member reports something. */
  constructor(
    config: MemberConfig,
    changed: Condition,
    { processes, faults }: { processes: boolean; faults: FaultSettings },
  ) {
    this.#config = config;
    this.#changed = changed;
    const events: MemberEvents = {
      hear: (report) => this.#hear(report),
      failed: (error) => {
        this.#fail(
          new ReplicaSetError('member-failed', `member ${config.index} failed: ${error.message}`, {
            cause: error,
          }),
        );
      },
      ended: () => {
        this.#role = 'down';
        this.#changed.notify();
      },
    };
    this.#vessel = processes ? new MemberProcess(events) : new MemberThread(events);
    this.#vessel.tell({ kind: 'start', config, faults });
  }

  get role(): Role | 'frozen' | 'down' {
    return this.#frozen && this.#role !== 'down' ? 'frozen' : this.#role;
  }

  get term(): number {
    return this.#term;
  }

  get failure(): Error | undefined {
    return this.#failure;
  }

  /** The process that the member runs in; it may be this one. */
  get processId(): number {
    return this.#vessel.processId;
  }

  /** Resolves to the port once the member listens; rejects when it cannot. */
  async listening(): Promise<number> {
    await this.#changed.until(() => this.#port !== 0 || this.#role === 'down');
    if (this.#port !== 0) return this.#port;
    throw this.#failure ?? new ReplicaSetError('member-failed', 'the member ended at once');
  }

  /** What the member's file tells of its part in the set; true once it listens. */
  get membership(): Membership {
    return this.#membership;
  }

  /** Resolves once the member's file says that it is of a set of so many members. */
  async found(members: number): Promise<void> {
    this.#vessel.tell({ kind: 'found', members });
    await this.#changed.until(() => this.#founded || this.#role === 'down');
    if (!this.#founded)
      throw this.#failure ?? new ReplicaSetError('member-failed', 'the member ended at once');
  }

  join(addresses: readonly MemberAddress[], { blank }: { blank: boolean }): void {
    this.#vessel.tell({ kind: 'join', addresses, blank });
  }

  async stop(): Promise<void> {
    if (this.#role === 'down') return;
    this.thaw();
    this.#vessel.tell({ kind: 'stop' });
    await this.#changed.until(() => this.#stopped || this.#role === 'down');
    await this.#vessel.end();
  }

  /** Resolves once the member suffers from these faults; a frozen one will when it is thawed. */
  async suffer(faults: FaultSettings): Promise<void> {
    this.#told += 1;
    const number = this.#told;
    this.#vessel.tell({ kind: 'suffer', faults, number });
    const away = () => this.role === 'down' || this.role === 'frozen';
    await this.#changed.until(() => this.#suffering >= number || away());
  }

  async freeze(): Promise<void> {
    if (this.#frozen || this.#role === 'down') return;
    this.#frozen = true;
    await this.#vessel.freeze();
    this.#changed.notify();
  }

  thaw(): void {
    if (!this.#frozen) return;
    this.#frozen = false;
    this.#vessel.thaw();
  }

  /** Ends the member where it stands. */
  async kill(): Promise<void> {
    await this.#vessel.end();
  }

  #hear(report: MemberReport): void {
    if (report.kind === 'listening') {
      this.#port = report.port;
      this.#membership = report.membership;
    } else if (report.kind === 'founded') this.#founded = true;
    else if (report.kind === 'stopped') this.#stopped = true;
    else if (report.kind === 'failed') this.#fail(this.#explain(report.code, report.message));
    else if (report.kind === 'suffering') this.#suffering = report.number;
    else if (report.kind === 'role') {
      this.#role = report.role;
      this.#term = report.term;
    }
    this.#changed.notify();
  }

  #fail(error: ReplicaSetError): void {
    if (this.#failure !== undefined) return;
    this.#failure = error;
    // Before it listens its start is refused; later on nobody may be waiting for it.
    if (this.#port !== 0) process.emitWarning(error.message, { code: error.code });
  }

  #explain(code: string, message: string): ReplicaSetError {
    const { file, host, port } = this.#config;
    if (code === 'LOCKED') {
      return new ReplicaSetError('data-in-use', `${file} is in use by another process`);
    }
    if (code === 'newer' || code === 'damaged' || code === 'unreadable') {
      return new ReplicaSetError(`data-${code}`, message);
    }
    if (code === 'EADDRINUSE') {
      return new ReplicaSetError(
        'port-in-use',
        `port ${port} of ${host} is taken: choose another one`,
      );
    }
    return new ReplicaSetError('member-failed', `member ${this.#config.index}: ${message}`);
  }
}
