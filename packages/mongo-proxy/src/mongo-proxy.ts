import { type ClientBulkWriteOptions, type ClientSessionOptions, MongoClient } from 'mongodb';
import { AttemptWatch } from './attempt-watch.ts';
import { driverOptions } from './call.ts';
import { clientBulkWrite } from './client-bulk-write.ts';
import { type Counts, noCounts } from './counts.ts';
import { watchMethod } from './cursor-methods.ts';
import { facade } from './facade.ts';
import { shareOwnWrites } from './own-writes.ts';
import { type Clock, checkPatience, Patience, type RetryNotice, systemClock } from './patience.ts';
import { protectDb } from './protected-db.ts';
import { protectedRead } from './protected-reads.ts';
import { protectSession } from './protected-session.ts';
import { isLeftAlone, type WriteOptions } from './protected-writes.ts';
import { transactionStep } from './transaction-step.ts';
import { weaknesses } from './weaknesses.ts';

export interface MongoProxyOptions {
  /**
   * Milliseconds for which a failing operation is repeated; at most 25 minutes, because servers
   * forget after 30 which writes they have seen. Default 60,000.
   */
  readonly patience?: number;
  /** Called before each wait, for logs and figures; what it throws ends the operation. */
  readonly onRetry?: (notice: RetryNotice) => void;
  /** Told in one line of each wait, as `console`. */
  readonly logger?: { warn(message: string): void };
}

interface Protection {
  readonly counts: Counts;
}

const protections = new WeakMap<object, Protection>();

/** The watch over a client, which all protections of it share, so that they listen to it once. */
const watches = new WeakMap<MongoClient, WeakMap<Clock, AttemptWatch>>();

function watchOf(client: MongoClient, clock: Clock): AttemptWatch {
  const known = watches.get(client) ?? new WeakMap<Clock, AttemptWatch>();
  watches.set(client, known);
  const watch = known.get(clock) ?? new AttemptWatch(client, () => clock.now());
  known.set(clock, watch);
  return watch;
}

/**
 * Gives the client back as one whose operations ride out elections, step-downs and crashes.
 *
 * What comes back is the same client to `instanceof`, `util.inspect` and every method; databases,
 * collections, cursors, sessions and change streams taken from it are protected likewise. The
 * client given is not changed, shares its connections, and stays unprotected. A client that is
 * already protected comes back as it is.
 *
 * Each operation is repeated in the way that its kind allows, until it is answered; writes are
 * applied exactly once. The README's table, printed from the code that decides, tells the way of
 * each method. Every method takes two options more: `patience` in milliseconds and `signal`.
 *
 * Between attempts it waits a random part of 20 ms, doubled each time up to 2 s. An attempt that
 * nobody will answer (the primary has changed under it) is given up after two seconds. Closing the
 * client ends all waits.
 *
 * @throws {TypeError} when an option is wrong, or the client has been closed
 * @throws {PatienceExhaustedError} (operations) time ended, and the operation had no effect
 * @throws {OutcomeUnknownError} (writes) whether it was applied cannot be known
 * @example
 * const client = mongoProxy(new MongoClient(uri, safeClientOptions), { patience: 60_000 });
 * await client.db('bank').collection('accounts').updateOne({ _id: 'ada' }, { $inc: { balance: 5 } });
 */
export function mongoProxy<C extends MongoClient>(client: C, options: MongoProxyOptions = {}): C {
  return proxyWithClock(client, options, systemClock);
}

/**
 * What a protected client has been through so far, for metrics: a snapshot, rising only.
 *
 * @throws {TypeError} when the client did not come from `mongoProxy`
 */
export function proxyCounts(client: MongoClient): Readonly<Counts> {
  const protection = protections.get(client);
  if (!protection) throw new TypeError('proxyCounts needs a client that mongoProxy has returned');
  return { ...protection.counts };
}

/** `mongoProxy` with the clock and the dice of a test. */
export function proxyWithClock<C extends MongoClient>(
  client: C,
  { patience: milliseconds = 60_000, onRetry, logger }: MongoProxyOptions,
  clock: Clock,
): C {
  if (!(client instanceof MongoClient)) {
    throw new TypeError(
      'client must be a MongoClient of the one copy of mongodb that is installed',
    );
  }
  checkPatience(milliseconds);
  if (onRetry !== undefined && typeof onRetry !== 'function') {
    throw new TypeError(`onRetry must be a function, not ${typeof onRetry}`);
  }
  if (logger !== undefined && typeof Reflect.get(Object(logger), 'warn') !== 'function') {
    throw new TypeError('logger must have a method warn, as console has');
  }
  if (protections.has(client)) return client;
  if (hasBeenClosed(client)) {
    throw new TypeError(
      'client has been closed; mongoProxy needs one that is open or not yet used',
    );
  }
  const watch = watchOf(client, clock);
  const counts = noCounts();
  const patience = new Patience(
    milliseconds,
    notices(onRetry, logger),
    {
      connect: () => client.connect(),
      isClosed: () => hasBeenClosed(client),
      guard: (attempt, limits) => watch.guard(attempt, limits),
    },
    counts,
    clock,
  );

  const close = (force?: boolean): Promise<void> => {
    const closed = client.close(force);
    patience.endWaits();
    return closed;
  };
  const startSession = (options?: ClientSessionOptions) =>
    protectSession(patience, client, client.startSession(options));
  const starting: MongoClient = Object.create(client, { startSession: { value: startSession } });
  const methods: Record<PropertyKey, unknown> = {
    db: (...args: Parameters<MongoClient['db']>) =>
      protectDb(patience, client, proxy, client.db(...args)),
    async connect() {
      await protectedRead(patience, 'connect', () => client.connect());
      return proxy;
    },
    startSession,
    // The driver's withSession starts its session by `this`.
    withSession: (...args: Parameters<MongoClient['withSession']>) => starting.withSession(...args),
    async bulkWrite(
      models: Parameters<MongoClient['bulkWrite']>[0],
      options: ClientBulkWriteOptions & WriteOptions = {},
    ) {
      const plainly = () => client.bulkWrite(models, driverOptions(options));
      if (options.session?.inTransaction()) return transactionStep(patience, plainly);
      const isPlain = !Array.isArray(models) || models.length === 0;
      if (isPlain || isLeftAlone(client, options)) return plainly();
      return clientBulkWrite(patience, client, models, options);
    },
    watch: watchMethod(patience, (args) =>
      client.watch(...(args as Parameters<MongoClient['watch']>)),
    ),
    close,
    [Symbol.asyncDispose]: () => close(),
  };
  const proxy: C = facade(client, (key) =>
    Object.hasOwn(methods, key) ? methods[key] : undefined,
  );
  protections.set(proxy, { counts });
  shareOwnWrites(proxy, client);
  tellWeaknesses(client, logger);
  return proxy;
}

/** Once a client: in the log, or where no logger is given as a warning of the process. */
function tellWeaknesses(client: MongoClient, logger: MongoProxyOptions['logger']): void {
  const found = weaknesses(client.options);
  if (found.length === 0) return;
  const message = `mongo-proxy: this client is weaker than safeClientOptions: ${found.join('; ')}`;
  if (logger) logger.warn(message);
  else process.emitWarning(message, { code: 'MONGO_PROXY_WEAKER_CLIENT' });
}

function notices(
  onRetry: MongoProxyOptions['onRetry'],
  logger: MongoProxyOptions['logger'],
): ((notice: RetryNotice) => void) | undefined {
  if (!logger) return onRetry;
  return (notice) => {
    const { operation, attempt, error, delay } = notice;
    logger.warn(
      `mongo-proxy: ${operation} failed (attempt ${attempt}: ${error.message}), again in ${Math.round(delay)} ms`,
    );
    onRetry?.(notice);
  };
}

/** Not in the driver's published types, and said nowhere else: a client may be reconnected. */
function hasBeenClosed(client: MongoClient): boolean {
  const { s } = client as unknown as { s?: { hasBeenClosed?: boolean } };
  return s?.hasBeenClosed === true;
}
