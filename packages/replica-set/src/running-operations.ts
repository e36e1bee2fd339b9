/** The commands that a member is at work on, and what it was at work on before. */
import type { BsonDocument } from './bson-document.ts';
import { numberArgument } from './command.ts';
import { ServerError } from './server-error.ts';
import type { Session } from './session.ts';

export class RunningOperation {
  readonly id: number;
  readonly session: Session;
  readonly database: string;
  readonly command: BsonDocument;
  /** By `performance.now()`. */
  readonly startedAt: number = performance.now();
  #killed = false;
  #limit: number | undefined;

  constructor(id: number, session: Session, database: string, command: BsonDocument) {
    this.id = id;
    this.session = session;
    this.database = database;
    this.command = command;
  }

  /** The namespace that the command's first field names; nothing when it names none. */
  get namespace(): string | undefined {
    const [collection] = this.command.values();
    return typeof collection === 'string' ? `${this.database}.${collection}` : undefined;
  }

  get killed(): boolean {
    return this.#killed;
  }

  kill(): void {
    this.#killed = true;
  }

  /** Gives it so many milliseconds, whatever its own `maxTimeMS` says. */
  limitTo(milliseconds: number): void {
    this.#limit = milliseconds;
  }

  /** How many milliseconds are left to it. */
  get timeLeft(): number {
    this.#limit ??= numberArgument(this.command, 'maxTimeMS') || Number.POSITIVE_INFINITY;
    return this.#limit - (performance.now() - this.startedAt);
  }

  /** Throws 11601 once somebody has killed it, 50 once its time is over; asked by what takes long. */
  requireGoingOn(): void {
    if (this.timeLeft < 0) throw new ServerError(50, 'operation exceeded time limit');
    if (this.#killed) throw new ServerError(11601, 'operation was interrupted');
  }
}

interface Use {
  count: number;
  microseconds: number;
}

/** Beyond as many collections nothing is counted. */
const mostNamespaces = 1000;

export class RunningOperations {
  readonly #running = new Map<number, RunningOperation>();
  #next = 1;
  /** How often each command was run. */
  readonly counts: Map<string, number> = new Map();
  /** By namespace and command. */
  readonly usage: Map<string, Map<string, Use>> = new Map();

  begin(session: Session, database: string, command: BsonDocument): RunningOperation {
    const operation = new RunningOperation(this.#next++, session, database, command);
    this.#running.set(operation.id, operation);
    const [name = ''] = command.keys();
    this.counts.set(name, (this.counts.get(name) ?? 0) + 1);
    return operation;
  }

  end(operation: RunningOperation): void {
    this.#running.delete(operation.id);
    const { namespace, command, startedAt } = operation;
    if (namespace === undefined) return;
    let uses = this.usage.get(namespace);
    if (uses === undefined) {
      if (this.usage.size >= mostNamespaces) return;
      uses = new Map();
      this.usage.set(namespace, uses);
    }
    const [name = ''] = command.keys();
    const use = uses.get(name) ?? { count: 0, microseconds: 0 };
    use.count += 1;
    use.microseconds += (performance.now() - startedAt) * 1000;
    uses.set(name, use);
  }

  get(id: number): RunningOperation | undefined {
    return this.#running.get(id);
  }

  all(): RunningOperation[] {
    return [...this.#running.values()];
  }
}
