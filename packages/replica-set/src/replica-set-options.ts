/** What a set is given, and what it shows of its members. */
import type { MemberOptions, TagCounts } from './member-settings.ts';

export interface ReplicaSetOptions {
  /** How many members there are, an odd number from 1 to 7; or what each of 1 to 7 is told. */
  readonly members?: number | readonly MemberOptions[];
  /** Custom write concerns by name, as `{ twoSites: { site: 2 } }` for tags `site`: MongoDB's `settings.getLastErrorModes`. */
  readonly getLastErrorModes?: Readonly<Record<string, TagCounts>>;
  /**
   * Decides all that members leave to chance in elections: time-outs and back-offs. What
   * the system's timing decides is not repeated by it.
   */
  readonly seed?: number;
  readonly name?: string;
  /** The first member's port, the others following; 0 lets the system choose. */
  readonly port?: number;
  readonly host?: string;
  /** Where the members' files lie. Without it they are kept until `stop` and need not outlive the machine. */
  readonly dataDir?: string;
  /** Milliseconds without a primary's sign until the others elect one. */
  readonly electionTimeoutMS?: number;
  /**
   * Bytes of changes that each member keeps to look back on: change streams resume
   * that far back, and a member that was away for longer takes a full copy. Twice
   * that is kept while a member lags. 64 MiB with a `dataDir`, 16 MiB without.
   */
  readonly logBytes?: number;
  /** Clients have to show that they are this user (SCRAM-SHA-256). Without it anybody on this host is let in. */
  readonly user?: { readonly name: string; readonly password: string };
  /** Each member in an OS process of its own instead of a thread; they end with this process. */
  readonly processes?: boolean;
}

/** One member of a running set. */
export interface Member {
  readonly index: number;
  readonly host: string;
  readonly port: number;
  readonly role: 'primary' | 'secondary' | 'frozen' | 'down';
  /** The OS process it runs in: this one, unless `processes` is set. */
  readonly processId: number;
  /** Why the member stopped by itself, as over a file that turned out to be damaged. */
  readonly failure: Error | undefined;
}

/** What `failCommand` takes, as MongoDB's fail point of that name. */
export interface CommandFailure {
  readonly failCommands: readonly string[];
  readonly errorCode?: number;
  readonly errorLabels?: readonly string[];
  readonly closeConnection?: boolean;
  readonly blockConnection?: boolean;
  readonly blockTimeMS?: number;
  readonly appName?: string;
  readonly writeConcernError?: { readonly code: number; readonly errmsg: string };
  /** How many commands fail; 1 unless told otherwise, `Infinity` for all, 0 to end it. */
  readonly times?: number;
  /** How many commands pass before all others fail; instead of `times`. */
  readonly skip?: number;
}
