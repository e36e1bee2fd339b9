import { flat, type Trade } from './trade.ts';

/** Makes work ready with the bytes of a file; what it returns does the work once. */
export type Work = (bytes: Uint8Array) => () => unknown;

/** The trades of a file, read without the package, so that it has not been used yet. */
export function tradesIn(bytes: Uint8Array): Trade[] {
  const all = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const trades: Trade[] = [];
  const known = new Map<string, string>();
  for (let at = 0; at < all.length; ) {
    const end = at + 22 + all.readUInt16BE(at + 20);
    const read = all.toString('utf8', at + 22, end);
    const symbol = known.get(read) ?? flat(read);
    known.set(symbol, symbol);
    trades.push({
      id: all.readInt32BE(at),
      at: all.readBigInt64BE(at + 4),
      price: all.readDoubleBE(at + 12),
      symbol,
    });
    at = end;
  }
  return trades;
}

/** The texts of a file of `writeUTF`, none of which is NUL or beyond U+FFFF. */
export function textsIn(bytes: Uint8Array): string[] {
  return encodedTextsIn(bytes).map((text) => flat(Buffer.from(text).toString()));
}

/** Their bytes, without their lengths. */
export function encodedTextsIn(bytes: Uint8Array): Uint8Array[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const texts: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; ) {
    const end = at + 2 + view.getUint16(at);
    texts.push(bytes.slice(at + 2, end));
    at = end;
  }
  return texts;
}
