import type { ClientSession, ClusterTime, MongoClient, Timestamp } from 'mongodb';

/** When a reply was given, as servers count time. A session holds them for its own replies. */
export interface ReplyTimes {
  readonly operationTime?: Timestamp | undefined;
  readonly clusterTime?: ClusterTime | undefined;
}

/**
 * The newest time at which a write of one client was acknowledged.
 *
 * It is gathered from the sessions that writes run in. What the driver holds for a whole client
 * (the cluster time of its topology) would not do: each reply overwrites it, so that one of a
 * member that lags sets it back behind a write. A reader would also wait for what other clients
 * wrote, and on an idle set for a note that the primary has to write first.
 */
export class OwnWrites {
  #newest: ReplyTimes = {};

  note({ operationTime, clusterTime }: ReplyTimes): void {
    const { operationTime: known } = this.#newest;
    if (operationTime === undefined || (known && !operationTime.greaterThan(known))) return;
    this.#newest = { operationTime, clusterTime };
  }

  /** Lets what is read in the session from now on be no older than the writes. */
  bringTo(session: ClientSession): void {
    const { operationTime, clusterTime } = this.#newest;
    if (operationTime === undefined) return;
    // Not by its method, which only listens in an observed session.
    const { operationTime: known } = session;
    if (known === undefined || operationTime.greaterThan(known)) {
      session.operationTime = operationTime;
    }
    // A member refuses to wait for a time that nobody has told it of.
    if (clusterTime?.signature !== undefined) session.advanceClusterTime(clusterTime);
  }
}

const byClient = new WeakMap<MongoClient, OwnWrites>();

export function ownWritesOf(client: MongoClient): OwnWrites {
  const known = byClient.get(client);
  if (known !== undefined) return known;
  const made = new OwnWrites();
  byClient.set(client, made);
  return made;
}

const noting = new WeakSet<MongoClient>();

/** Says that `proxy` notes each of its writes, and that they are `client`'s own writes too. */
export function shareOwnWrites(proxy: MongoClient, client: MongoClient): void {
  byClient.set(proxy, ownWritesOf(client));
  noting.add(proxy);
}

/** Whether each write of the client is noted, through whichever collection it goes. */
export function notesItsWrites(client: MongoClient): boolean {
  return noting.has(client);
}

/** Tells when a write was acknowledged: the session it ran in, or the times of its reply. */
export function noteWrite(client: MongoClient, times: ReplyTimes): void {
  ownWritesOf(client).note(times);
}

/**
 * Starts a session whose commands leave as they would in none, and that tells `onReply` when each
 * reply was given.
 *
 * A causal session would ask members to wait for its own replies; the driver tells the times to no
 * other kind.
 */
export function startObservedSession(
  client: MongoClient,
  onReply: (times: ReplyTimes) => void,
): ClientSession {
  const session = client.startSession({ causalConsistency: true });
  session.advanceOperationTime = (operationTime) =>
    onReply({ operationTime, clusterTime: session.clusterTime });
  return session;
}
