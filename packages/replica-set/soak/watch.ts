/** A change stream on the whole deployment, read throughout and taken up again where it broke. */
import { setTimeout as pause } from 'node:timers/promises';
import type { ChangeStream, ChangeStreamDocument, MongoClient } from 'mongodb';
import type { Finding } from './finding.ts';
import type { Operation } from './history.ts';
import type { Contents, Round } from './workload.ts';
import { countersName } from './workloads/numbered-writes.ts';
import { insertsName } from './workloads/unique-inserts.ts';

/** What is kept of an event. */
interface Seen {
  readonly database: string;
  readonly collection: string;
  readonly kind: string;
  readonly id: string;
  /** The field `n` behind the change. */
  readonly n: number;
}

export class Watch {
  readonly #client: MongoClient;
  #seen: Seen[] = [];
  #token: unknown;
  #closed = false;
  #done: Promise<void> = Promise.resolve();
  #stream: ChangeStream | undefined;
  /** How often the stream had to be opened again by its token. */
  resumed = 0;
  #total = 0;

  constructor(client: MongoClient) {
    this.#client = client;
  }

  /** Events seen so far. */
  get total(): number {
    return this.#total;
  }

  /** Resolves once the stream is open, so that nothing later is missed. */
  async start(): Promise<void> {
    const stream = this.#open();
    await stream.tryNext();
    this.#token = stream.resumeToken;
    this.#done = this.#follow(stream);
  }

  #open(): ChangeStream {
    const stream = this.#client.watch([], {
      maxAwaitTimeMS: 300,
      ...(this.#token !== undefined && { resumeAfter: this.#token }),
    });
    this.#stream = stream;
    return stream;
  }

  async #follow(first: ChangeStream): Promise<void> {
    let stream = first;
    while (!this.#closed) {
      try {
        const event = await stream.next();
        this.#token = event._id;
        this.#total += 1;
        this.#note(event);
      } catch {
        await stream.close().catch(() => {});
        if (this.#closed) return;
        this.resumed += 1;
        await pause(50);
        stream = this.#open();
      }
    }
  }

  #note(event: ChangeStreamDocument): void {
    if (event.operationType !== 'insert' && event.operationType !== 'update') return;
    const n =
      event.operationType === 'insert'
        ? event.fullDocument.n
        : event.updateDescription.updatedFields?.n;
    this.#seen.push({
      database: event.ns.db,
      collection: event.ns.coll,
      kind: event.operationType,
      id: String(event.documentKey._id),
      n: Number(n),
    });
  }

  /** True once an insert with this `n` was seen; false after `milliseconds`. */
  async reaches(database: string, n: number, milliseconds: number): Promise<boolean> {
    const until = performance.now() + milliseconds;
    while (performance.now() < until) {
      if (this.#seen.some((event) => event.database === database && event.n === n)) return true;
      await pause(20);
    }
    return false;
  }

  /** What the stream told of a round against what is there; forgets it then. */
  judge({ database, history }: Round, contents: Contents): Finding[] {
    const events = this.#seen.filter((event) => event.database === database);
    this.#seen = this.#seen.filter((event) => event.database !== database);
    const inserts = events.filter(({ collection }) => collection === insertsName);
    const changes = events.filter(({ collection }) => collection === countersName);
    const operations = new Map(history.of(insertsName).map((each) => [Number(each.key), each]));
    return [
      ...judgeInserts(inserts, contents.get(insertsName) ?? [], operations),
      ...judgeOrder(inserts, operations),
      ...judgeChanges(changes, contents.get(countersName) ?? []),
    ];
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#stream?.close().catch(() => {});
    await this.#done;
  }
}

function judgeInserts(
  events: readonly Seen[],
  documents: readonly Record<string, unknown>[],
  operations: ReadonlyMap<number, Operation>,
): Finding[] {
  const times = new Map<string, number>();
  for (const { id } of events) times.set(id, (times.get(id) ?? 0) + 1);
  const stored = new Map(documents.map(({ _id, n }) => [String(_id), Number(n)]));
  const numberOf = new Map(events.map(({ id, n }) => [id, n]));
  return [...new Set([...stored.keys(), ...times.keys()])].flatMap((id) => {
    const told = times.get(id) ?? 0;
    if (told === 1 && stored.has(id)) return [];
    const operation = operations.get(stored.get(id) ?? numberOf.get(id) ?? -1);
    return [
      {
        promise: 'a change stream tells of each committed change once, and of no other',
        detail: `${id} is ${stored.has(id) ? '' : 'not '}there, and was told of ${told} times`,
        operations: operation === undefined ? [] : [operation],
      },
    ];
  });
}

/** Nothing is told of after something that was begun only when it was done. */
function judgeOrder(
  events: readonly Seen[],
  operations: ReadonlyMap<number, Operation>,
): Finding[] {
  let later: Operation | undefined;
  const findings: Finding[] = [];
  for (const { n } of [...events].reverse()) {
    const operation = operations.get(n);
    if (operation === undefined) continue;
    if (later !== undefined && later.completed < operation.invoked) {
      const promise = 'a change stream tells of changes in their order';
      const detail = `${later.key} was told of after ${operation.key}`;
      findings.push({ promise, detail, operations: [later, operation] });
    }
    const ended = operation.outcome === 'ok' ? operation.completed : Number.POSITIVE_INFINITY;
    if (ended < (later?.completed ?? Number.POSITIVE_INFINITY)) later = operation;
  }
  return findings;
}

/** Each document's `n` is told of as 1, 2, 3 and so on, up to what it is. */
function judgeChanges(
  events: readonly Seen[],
  documents: readonly Record<string, unknown>[],
): Finding[] {
  const told = Map.groupBy(events, ({ id }) => id);
  const stored = new Map(documents.map(({ _id, n }) => [String(_id), Number(n)]));
  return [...new Set([...told.keys(), ...stored.keys()])].flatMap((id) => {
    const numbers = (told.get(id) ?? []).map(({ n }) => n);
    const right = numbers.every((n, index) => n === index + 1);
    if (right && numbers.length === (stored.get(id) ?? 0)) return [];
    const promise = 'a change stream tells of the changes of a document once each and in order';
    const detail = `${id} is at ${stored.get(id)}, told were ${numbers.join(' ')}`;
    return [{ promise, detail, operations: [] }];
  });
}
