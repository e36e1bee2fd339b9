/** The parts of a running member, handed to every command. */
import { ObjectId } from 'bson';
import { Catalog } from './catalog.ts';
import { CursorStore } from './cursor-store.ts';
import { DatabaseFile } from './database-file.ts';
import { FailPoints } from './fail-point.ts';
import type { Faults } from './faults.ts';

import { HeldBytes } from './held-bytes.ts';

import type { MemberAddress, MemberConfig } from './member-config.ts';
import { Replica } from './replica.ts';
import { ReplicaLog } from './replica-log.ts';
import { RunningOperations } from './running-operations.ts';
import { type Credential, credentialOf } from './scram.ts';
import type { Session } from './session.ts';
import { Sessions } from './sessions.ts';
import type { Role } from './standing.ts';
import { PresentStore } from './store.ts';
import { TtlMonitor } from './ttl-monitor.ts';

export class MemberState {
  readonly config: MemberConfig;
  readonly faults: Faults;
  readonly file: DatabaseFile;
  readonly catalog: Catalog;
  readonly log: ReplicaLog;
  readonly replica: Replica;
  readonly cursors: CursorStore = new CursorStore();
  readonly sessions: Sessions;
  /** What commands outside transactions and snapshots read from and write to. */
  readonly present: PresentStore = new PresentStore(this);
  readonly heldBytes: HeldBytes = new HeldBytes();
  readonly failPoints: FailPoints = new FailPoints();
  /** The connections that are open, and how many there were. */
  readonly clients: Set<Session> = new Set();
  connectionsMade = 0;
  readonly running: RunningOperations = new RunningOperations();
  /** New at every start, so that clients know a restarted member. */
  readonly processId: ObjectId = new ObjectId();
  readonly startedAt: Date = new Date();
  readonly credential: Credential | undefined;
  readonly ttl: TtlMonitor;
  addresses: readonly MemberAddress[] = [];

  constructor(
    config: MemberConfig,
    faults: Faults,
    onRole: (role: Role, term: number) => void,
    onDamage: (error: Error) => void = () => {},
  ) {
    this.config = config;
    this.faults = faults;
    const { user } = config;
    this.credential = user && credentialOf(user.name, user.password);
    this.file = new DatabaseFile(config.file, {
      durable: config.durable,
      beforeSync: faults.beforeSync,
      onDamage,
    });
    this.catalog = new Catalog(this.file);
    this.log = new ReplicaLog(this.file, this.catalog);
    this.sessions = new Sessions(this, { replica: () => this.replica, cursors: this.cursors });
    this.replica = new Replica(config, this, {
      onRole: (role, term) => {
        // No transaction outlives the primary that it began on.
        this.sessions.forgetUnlogged();
        onRole(role, term);
      },
      // A transaction may have seen what was lost.
      onLoss: () => this.sessions.forgetUnlogged(),
      onExchange: () => {
        this.sessions.forgetUnlogged();
        this.cursors.killAll();
      },
    });
    this.ttl = new TtlMonitor({
      catalog: this.catalog,
      present: this.present,
      replica: this.replica,
      now: () => faults.now(),
    });
  }

  close(): void {
    this.ttl.stop();
    this.replica.stop();
    this.sessions.close();
    this.cursors.close();
    this.file.close();
  }
}
