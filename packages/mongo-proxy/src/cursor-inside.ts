import {
  AbstractCursor,
  AggregationCursor,
  ChangeStream,
  type ClientSession,
  type Document,
  FindCursor,
  type Long,
  type MongoClient,
  type ReadConcern,
  type ReadPreference,
  type Timestamp,
} from 'mongodb';

/** One batch as it came over the wire; its documents are decoded when they are taken. */
export interface Batch {
  /** Zero when the server has nothing more. */
  readonly id: Long;
  readonly ns: object | null;
  readonly batchSize: number;
  readonly operationTime: Timestamp | null;
  readonly atClusterTime: Timestamp | null;
  readonly postBatchResumeToken: Document | null;
  /** Documents taken so far. */
  iterated: number;
  shift(options: object): Document | null;
}

/** What the first request of a cursor brings. */
export interface Opening {
  readonly server: { readonly description: { readonly type: string } };
  readonly session: ClientSession;
  readonly response: Batch;
}

/** The options that every kind of cursor keeps. */
export interface InnerOptions extends Document {
  readonly batchSize?: number;
  readonly readConcern?: ReadConcern;
  readonly readPreference?: ReadPreference;
}

/**
 * What the driver's cursors keep inside, as far as it is used here: node-mongodb-native 7.9,
 * `src/cursor/abstract_cursor.ts`.
 */
export interface CursorInside {
  readonly client: MongoClient;
  readonly namespace: { readonly db: string; readonly collection?: string };
  cursorId: Long | null;
  cursorSession: ClientSession | null;
  selectedServer?: Opening['server'];
  cursorNamespace: object;
  isClosed: boolean;
  isKilled: boolean;
  readonly cursorOptions: InnerOptions;
  /** Of a `FindCursor` only: what its limit is counted by. */
  numReturned?: number;
  /** Opens it: has a session, sends the first request, takes what that brings. */
  cursorInit(): Promise<void>;
  _initialize(session: ClientSession): Promise<Opening>;
  getMore(): Promise<Batch>;
  clone(): AbstractCursor;
  close(): Promise<void>;
}

const methods: readonly (readonly [string, object, readonly string[]])[] = [
  ['AbstractCursor', AbstractCursor, ['getMore', 'cleanup', 'cursorInit', 'fetchBatch']],
  ['FindCursor', FindCursor, ['_initialize', 'getMore', 'clone']],
  ['AggregationCursor', AggregationCursor, ['_initialize', 'clone']],
  ['ChangeStream', ChangeStream, ['_createChangeStreamCursor']],
];
for (const [name, type, expected] of methods) {
  for (const method of expected) {
    const { prototype } = type as { prototype: object };
    if (!Object.hasOwn(prototype, method)) throw unlike(`${name}.${method}`);
  }
}

const fields = ['cursorId', 'cursorSession', 'cursorNamespace', 'cursorOptions', 'isClosed'];

/**
 * The cursor's inside.
 *
 * @throws {TypeError} when this release of the driver keeps it otherwise, so that nothing here
 *   could protect the cursor
 */
export function insideOf<I extends CursorInside>(
  cursor: AbstractCursor,
  further: readonly (keyof I & string)[] = [],
): I {
  const inside = cursor as unknown as I;
  for (const field of [...fields, ...further]) {
    if (!(field in inside)) throw unlike(`${cursor.constructor.name}'s ${field}`);
  }
  return inside;
}

function unlike(missing: string): TypeError {
  return new TypeError(
    `mongo-proxy cannot protect the cursors of this release of mongodb, which lacks ${missing}; ` +
      'use mongodb 7.9, or a release of mongo-proxy for this one',
  );
}

/** The cursor with some of its fields replaced; what its methods set, they set on this view only. */
export function viewOf<I extends CursorInside>(cursor: I, replaced: Partial<I> & object): I {
  return Object.assign(Object.create(cursor) as I, replaced);
}

/** The method of the cursor's class, whatever lies on the instance. */
export function inherited<I extends CursorInside>(cursor: I): I {
  return Object.getPrototypeOf(cursor) as I;
}

/** Sends the first request of a cursor; the cursor itself notices nothing. */
export async function open<I extends CursorInside>(
  cursor: I,
  session: ClientSession,
  replaced: Partial<I> & object,
): Promise<Opening> {
  return inherited(cursor)._initialize.call(viewOf(cursor, replaced), session);
}

/** Asks for the next batch; the cursor itself notices nothing but, at its limit, being closed. */
export async function more(cursor: CursorInside): Promise<Batch> {
  const cursorOptions = { ...cursor.cursorOptions };
  const close = (): Promise<void> => cursor.close();
  return inherited(cursor).getMore.call(viewOf(cursor, { cursorOptions, close }));
}

/** Lets the server forget one of its cursors, without waiting, and without an error if it cannot. */
export function forget(
  cursor: CursorInside,
  { server, session, response }: Pick<Opening, 'server' | 'session'> & { response: { id: Long } },
): void {
  const view = viewOf(cursor, {
    cursorId: response.id,
    cursorSession: session,
    selectedServer: server,
    isKilled: false,
  });
  // What belongs to the cursor proper stays: its listener for aborts, and that it closes once.
  Object.assign(view, { abortListener: undefined, hasEmittedClose: true });
  inherited(cursor)
    .close.call(view)
    .catch(() => {});
}

/** Puts methods of ours on the cursor, where those of its class are found otherwise. */
export function hook(cursor: CursorInside, hooks: Partial<CursorInside>): void {
  for (const [name, value] of Object.entries(hooks)) {
    Object.defineProperty(cursor, name, { value, writable: true, configurable: true });
  }
}

/** Whether its owner has closed the cursor, or the client closed it for its owner. */
export function isOver({ isClosed, isKilled }: CursorInside): boolean {
  return isClosed || isKilled;
}
