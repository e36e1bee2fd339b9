import { loadPeer } from './npm-peers.ts';
import type { Trade } from './trade.ts';
import { encodedTextsIn, textsIn, tradesIn, type Work } from './work.ts';

/** What the packages of npm can do of the bench, each as its documentation tells. */
export const npmWorks: Readonly<Record<string, Work>> = {
  smartBufferWrite(bytes) {
    const { SmartBuffer } = loadPeer('smart-buffer');
    const trades = tradesIn(bytes);
    return () => {
      const out = SmartBuffer.fromSize(65_536);
      for (let i = 0; i < trades.length; i++) {
        const { id, at, price, symbol } = trades[i] as Trade;
        out.writeInt32BE(id);
        out.writeBigInt64BE(at);
        out.writeDoubleBE(price);
        out.writeUInt16BE(Buffer.byteLength(symbol));
        out.writeString(symbol);
      }
      return out.toBuffer();
    };
  },
  smartBufferRead(bytes) {
    const { SmartBuffer } = loadPeer('smart-buffer');
    return () => {
      const input = SmartBuffer.fromBuffer(Buffer.from(bytes));
      const trades = [];
      while (input.remaining() > 0) {
        const id = input.readInt32BE();
        const at = input.readBigInt64BE();
        const price = input.readDoubleBE();
        trades.push({ id, at, price, symbol: input.readString(input.readUInt16BE()) });
      }
      return trades;
    };
  },

  binaryParserRead(bytes) {
    const { Parser } = loadPeer('binary-parser');
    const trade = new Parser()
      .endianess('big')
      .int32('id')
      .int64('at')
      .doublebe('price')
      .uint16('length')
      .string('symbol', { length: 'length' });
    const all = new Parser().array('trades', { type: trade, readUntil: 'eof' });
    return () => all.parse(bytes).trades;
  },

  restructureWrite(bytes) {
    const all = restructureTrades();
    const trades = tradesIn(bytes);
    return () =>
      all.toBuffer(
        trades.map(({ id, at, price, symbol }) => ({
          id,
          high: Number(at >> 32n),
          low: Number(at & 0xffff_ffffn),
          price,
          symbol,
        })),
      );
  },
  restructureRead(bytes) {
    const all = restructureTrades();
    return () => all.fromBuffer(bytes);
  },

  mutf8Write(bytes) {
    const encoder = new (loadPeer('mutf-8').MUtf8Encoder)();
    const texts = textsIn(bytes);
    return () => texts.reduce((sum, text) => sum + encoder.encode(text).length, 0);
  },
  mutf8Read(bytes) {
    const decoder = new (loadPeer('mutf-8').MUtf8Decoder)();
    const texts = encodedTextsIn(bytes);
    return () => texts.reduce((sum, text) => sum + decoder.decode(text).length, 0);
  },
};

function restructureTrades() {
  const r = loadPeer('restructure');
  const trade = new r.Struct({
    id: r.int32be,
    // It has no integers of 64 bits.
    high: r.int32be,
    low: r.uint32be,
    price: r.doublebe,
    symbol: new r.String(r.uint16be, 'utf8'),
  });
  return new r.Array(trade);
}
