/** Where a change stream stands in the log, and the token by which a client comes back to it. */
import {
  type BsonDocument,
  type BsonValue,
  type EncodableDocument,
  isDocument,
} from './bson-document.ts';
import { typeName } from './bson-order.ts';
import type { LogEnd } from './operation.ts';
import { ServerError } from './server-error.ts';

/**
 * How far the stream is within one entry: behind the entry's `event`, behind the
 * `invalidate` that follows such an event, or `past` whatever the entry brings.
 */
type TokenStep = 'event' | 'invalidate' | 'past';

export interface StreamPoint {
  /** The entry, with its term and time: another log has another entry at that position. */
  readonly entry: LogEnd;
  readonly step: TokenStep;
  /** Behind which event of a transaction, from 0; nothing when the entry brings one event alone. */
  readonly index?: number | 'last';
}

const steps: readonly TokenStep[] = ['event', 'invalidate', 'past'];
const tokenBytes = 21;
const indexBytes = 4;
const lastIndex = 0xffffffff;

/** `{ _data }`, in hexadecimal digits that order as the points do. */
export function tokenOf({ entry, step, index }: StreamPoint): EncodableDocument {
  const bytes = Buffer.alloc(tokenBytes + (index === undefined ? 0 : indexBytes));
  bytes.writeBigUInt64BE(BigInt(entry.position), 0);
  bytes.writeUInt8(steps.indexOf(step), 8);
  bytes.writeUInt32BE(entry.term, 9);
  bytes.writeUInt32BE(entry.seconds, 13);
  bytes.writeUInt32BE(entry.increment, 17);
  if (index !== undefined) {
    bytes.writeUInt32BE(index === 'last' ? lastIndex : index, tokenBytes);
  }
  return { _data: bytes.toString('hex').toUpperCase() };
}

/** Reads a token that `tokenOf` made; throws 14, 40647 or 9 when it is none. */
export function parseToken(option: string, token: BsonValue): StreamPoint {
  if (!isDocument(token)) {
    throw new ServerError(
      14,
      `BSON field '$changeStream.${option}' is the wrong type '${typeName(token)}', expected type 'object'`,
    );
  }
  const data = (token as BsonDocument).get('_data');
  if (typeof data !== 'string') {
    throw new ServerError(40647, `Bad resume token: _data of missing or of wrong type`);
  }
  if (!/^([\da-f]{2})+$/i.test(data)) {
    throw new ServerError(9, 'resume token string was not a valid hex string');
  }
  const bytes = Buffer.from(data, 'hex');
  const step = steps[bytes[8] ?? steps.length];
  const hasIndex = bytes.length === tokenBytes + indexBytes;
  if ((bytes.length !== tokenBytes && !hasIndex) || step === undefined) {
    throw new ServerError(260, 'the resume token is not of this kind of server');
  }
  const index = hasIndex ? bytes.readUInt32BE(tokenBytes) : undefined;
  return {
    step,
    ...(index !== undefined && { index: index === lastIndex ? 'last' : index }),
    entry: {
      position: Number(bytes.readBigUInt64BE(0)),
      term: bytes.readUInt32BE(9),
      seconds: bytes.readUInt32BE(13),
      increment: bytes.readUInt32BE(17),
    },
  };
}
