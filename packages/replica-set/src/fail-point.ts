/** Faults that a test asks for: fail points of MongoDB, and `loseReplies` of this server's own. */
import { type BsonDocument, type BsonValue, isDocument } from './bson-document.ts';
import { ServerError } from './server-error.ts';
import type { Session } from './session.ts';

interface FailPoint {
  readonly data: BsonDocument;
  /** How often it is met before it strikes. */
  skip: number;
  left: number;
}

const names = new Set([
  'failCommand',
  'failGetMoreAfterCursorCheckout',
  'loseReplies',
  'onPrimaryTransactionalWrite',
]);

const lossesOf = (appName: BsonValue | undefined): string =>
  appName === undefined ? 'loseReplies' : `loseReplies ${appName}`;

export class FailPoints {
  readonly #points = new Map<string, FailPoint>();

  configure(command: BsonDocument): void {
    const name = String(command.get('configureFailPoint'));
    if (!names.has(name)) throw new ServerError(9, `there is no fail point '${name}'`);
    const given = command.get('data');
    const data: BsonDocument = isDocument(given) ? given : new Map();
    const { skip, left } = modeOf(command.get('mode'));
    // Replies are lost by application: each has its own count.
    const key = name === 'loseReplies' ? lossesOf(data.get('appName')) : name;
    if (left === 0) this.#points.delete(key);
    else this.#points.set(key, { data, skip, left });
  }

  /** What `failCommand` has in store for this command, counted as used. */
  failureOf(command: string, appName: string): BsonDocument | undefined {
    const data = this.#points.get('failCommand')?.data;
    const commands = data?.get('failCommands');
    if (data === undefined || !Array.isArray(commands)) return undefined;
    const wanted = data.get('appName');
    if (wanted !== undefined && wanted !== appName) return undefined;
    // Letter case tells a command from its alias only: isMaster, ismaster.
    const named = commands.some((name) => String(name).toLowerCase() === command.toLowerCase());
    return named ? this.#strike('failCommand') : undefined;
  }

  /**
   * `onPrimaryTransactionalWrite`, met by each retryable statement before it is
   * done: throws `failBeforeCommitExceptionCode`, and has the connection cut
   * unless `closeConnection` is false.
   */
  meetStatement(session: Session): void {
    const data = this.#strike('onPrimaryTransactionalWrite');
    if (data === undefined) return;
    if (data.get('closeConnection') !== false) session.cut = true;
    throwCode(data, 'failBeforeCommitExceptionCode', 'onPrimaryTransactionalWrite');
  }

  /** `failGetMoreAfterCursorCheckout`: throws its `errorCode`. */
  meetGetMore(): void {
    const data = this.#strike('failGetMoreAfterCursorCheckout');
    if (data !== undefined) throwCode(data, 'errorCode', 'failGetMoreAfterCursorCheckout');
  }

  /** True when the reply of a write of this application is to be lost. */
  losesReply(appName: string): boolean {
    return (
      this.#strike(lossesOf(appName)) !== undefined ||
      this.#strike(lossesOf(undefined)) !== undefined
    );
  }

  /** The data of a fail point that strikes now, counted as used. */
  #strike(name: string): BsonDocument | undefined {
    const point = this.#points.get(name);
    if (point === undefined) return undefined;
    if (point.skip > 0) {
      point.skip -= 1;
      return undefined;
    }
    point.left -= 1;
    if (point.left <= 0) this.#points.delete(name);
    return point.data;
  }
}

function throwCode(data: BsonDocument, field: string, point: string): void {
  const code = data.get(field);
  if (code === undefined) return;
  const labels = data.get('errorLabels');
  throw new ServerError(
    Number(code),
    `Failing by the failpoint '${point}'`,
    labels === undefined ? {} : { errorLabels: labels },
  );
}

function modeOf(mode: BsonValue): { skip: number; left: number } {
  if (mode === 'off') return { skip: 0, left: 0 };
  if (mode === 'alwaysOn') return { skip: 0, left: Number.POSITIVE_INFINITY };
  if (isDocument(mode)) {
    const times = countOf(mode.get('times'));
    if (times !== undefined) return { skip: 0, left: times };
    const skip = countOf(mode.get('skip'));
    if (skip !== undefined) return { skip, left: Number.POSITIVE_INFINITY };
  }
  throw new ServerError(
    9,
    "the mode of a fail point is 'off', 'alwaysOn', { times: n } or { skip: n }",
  );
}

function countOf(value: BsonValue | undefined): number | undefined {
  const count = value === undefined ? Number.NaN : Number(value);
  return Number.isInteger(count) && count >= 0 ? count : undefined;
}
