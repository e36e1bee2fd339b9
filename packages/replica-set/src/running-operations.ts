/** The commands that a member is at work on. */

import type { BsonDocument } from './bson-document.ts';
import { ServerError } from './server-error.ts';
import type { Session } from './session.ts';

export class RunningOperation {
  readonly id: number;
  readonly session: Session;
  readonly database: string;
  readonly command: BsonDocument;
  /** By `performance.now()`. */
  readonly startedAt: number = performance.now();
  /** What is told of its course, where it takes long. */
  message: string | undefined;
  #killed = false;

  constructor(id: number, session: Session, database: string, command: BsonDocument) {
    this.id = id;
    this.session = session;
    this.database = database;
    this.command = command;
  }

  get killed(): boolean {
    return this.#killed;
  }

  kill(): void {
    this.#killed = true;
  }

  /** Throws 11601 once somebody has killed it; asked by what takes long. */
  requireGoingOn(): void {
    if (this.#killed) throw new ServerError(11601, 'operation was interrupted');
  }
}

export class RunningOperations {
  readonly #running = new Map<number, RunningOperation>();
  #next = 1;
  /** How often each command was run. */
  readonly counts: Map<string, number> = new Map();

  begin(session: Session, database: string, command: BsonDocument): RunningOperation {
    const operation = new RunningOperation(this.#next++, session, database, command);
    this.#running.set(operation.id, operation);
    const [name = ''] = command.keys();
    this.counts.set(name, (this.counts.get(name) ?? 0) + 1);
    return operation;
  }

  end({ id }: RunningOperation): void {
    this.#running.delete(id);
  }

  get(id: number): RunningOperation | undefined {
    return this.#running.get(id);
  }

  all(): RunningOperation[] {
    return [...this.#running.values()];
  }
}
