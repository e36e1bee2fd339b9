/** Faults that a test asks for: MongoDB's `failCommand` and `failGetMoreAfterCursorCheckout`, and `loseReplies` of this server's own. */
import { type BsonDocument, type BsonValue, isDocument } from './bson-document.ts';
import { ServerError } from './server-error.ts';

interface FailPoint {
  readonly data: BsonDocument;
  left: number;
}

const names = new Set(['failCommand', 'failGetMoreAfterCursorCheckout', 'loseReplies']);

export class FailPoints {
  readonly #points = new Map<string, FailPoint>();

  configure(command: BsonDocument): void {
    const name = String(command.get('configureFailPoint'));
    if (!names.has(name)) throw new ServerError(9, `there is no fail point '${name}'`);
    const mode = command.get('mode');
    const data = command.get('data');
    const left = timesOf(mode);
    if (left === 0) this.#points.delete(name);
    else this.#points.set(name, { data: isDocument(data) ? data : new Map(), left });
  }

  /** What `failCommand` has in store for this command, counted as used. */
  failureOf(command: string, appName: string): BsonDocument | undefined {
    const point = this.#points.get('failCommand');
    const commands = point?.data.get('failCommands');
    if (point === undefined || !Array.isArray(commands) || !commands.includes(command)) {
      return undefined;
    }
    const wanted = point.data.get('appName');
    if (wanted !== undefined && wanted !== appName) return undefined;
    this.#use('failCommand', point);
    return point.data;
  }

  /** Throws what `failGetMoreAfterCursorCheckout` has in store for a `getMore` that found its cursor. */
  meetGetMore(): void {
    const point = this.#points.get('failGetMoreAfterCursorCheckout');
    const code = point?.data.get('errorCode');
    if (point === undefined || code === undefined) return;
    this.#use('failGetMoreAfterCursorCheckout', point);
    throw new ServerError(
      Number(code),
      "Failing getMore via 'failGetMoreAfterCursorCheckout' failpoint",
    );
  }

  /** True when the reply of a write is to be lost. */
  losesReply(): boolean {
    const point = this.#points.get('loseReplies');
    if (point === undefined) return false;
    this.#use('loseReplies', point);
    return true;
  }

  #use(name: string, point: FailPoint): void {
    point.left -= 1;
    if (point.left <= 0) this.#points.delete(name);
  }
}

function timesOf(mode: BsonValue): number {
  if (mode === 'off') return 0;
  if (mode === 'alwaysOn') return Number.POSITIVE_INFINITY;
  const times = isDocument(mode) ? Number(mode.get('times')) : Number.NaN;
  if (Number.isInteger(times) && times >= 0) return times;
  throw new ServerError(9, "the mode of a fail point is 'off', 'alwaysOn' or { times: n }");
}
