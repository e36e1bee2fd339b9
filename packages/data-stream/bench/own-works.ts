import { DataInputStream, DataOutputStream, readRecords } from '../src/index.ts';
import { type Trade, trade } from './trade.ts';
import { textsIn, tradesIn, type Work } from './work.ts';

/** What this package does in the bench. */
export const ownWorks: Readonly<Record<string, Work>> = {
  writeValues: writing((out, { id, at, price, symbol }) => {
    out.writeInt(id);
    out.writeLong(at);
    out.writeDouble(price);
    out.writeUTF(symbol);
  }),
  writeRecords: writing((out, each) => trade.write(out, each)),

  readValues(bytes) {
    const count = tradesIn(bytes).length;
    return () => {
      const input = new DataInputStream(bytes);
      let sum = 0;
      for (let i = 0; i < count; i++) {
        sum += input.readInt() + Number(input.readLong());
        sum += input.readDouble() + input.readUTF().length;
      }
      return sum;
    };
  },
  readNumbers(bytes) {
    const count = tradesIn(bytes).length;
    return () => {
      const input = new DataInputStream(bytes);
      let sum = 0;
      for (let i = 0; i < count; i++) {
        sum += input.readInt() + input.readLongNumber();
        sum += input.readDouble() + input.readUTF().length;
      }
      return sum;
    };
  },
  readRecords(bytes) {
    const count = tradesIn(bytes).length;
    return () => {
      const input = new DataInputStream(bytes);
      const trades = new Array<Trade>(count);
      for (let i = 0; i < count; i++) trades[i] = trade.read(input);
      return trades;
    };
  },

  readBatches: (bytes) => () => {
    const input = new DataInputStream(bytes);
    let batch: Trade[] = [];
    while (input.available() > 0) {
      batch.push(trade.read(input));
      if (batch.length === 2000) batch = [];
    }
    return batch;
  },
  readIterable: (bytes) => () => lastBatchOf(chunksOf(bytes)),
  readWebStream: (bytes) => () => lastBatchOf(ReadableStream.from(chunksOf(bytes))),

  writeTexts(bytes) {
    const texts = textsIn(bytes);
    return () => {
      const out = new DataOutputStream({ sink: () => {} });
      for (let i = 0; i < texts.length; i++) out.writeUTF(texts[i] as string);
      return out.size();
    };
  },
  readTexts(bytes) {
    const count = textsIn(bytes).length;
    return () => {
      const input = new DataInputStream(bytes);
      const texts = new Array<string>(count);
      for (let i = 0; i < count; i++) texts[i] = input.readUTF();
      return texts;
    };
  },
};

/** As Java's side has it: a buffer before a place in memory that is large enough. */
function writing(write: (out: DataOutputStream, each: Trade) => void): Work {
  return (bytes) => {
    const trades = tradesIn(bytes);
    const memory = new Uint8Array(bytes.length);
    return () => {
      let at = 0;
      const sink = (chunk: Uint8Array): void => {
        memory.set(chunk, at);
        at += chunk.length;
      };
      const out = new DataOutputStream({ sink });
      for (let i = 0; i < trades.length; i++) write(out, trades[i] as Trade);
      out.flush();
      if (at !== bytes.length) throw new Error('other bytes');
      return memory;
    };
  };
}

async function lastBatchOf(source: AsyncIterable<Uint8Array> | ReadableStream<Uint8Array>) {
  let last: Trade[] = [];
  for await (const batch of readRecords(source, trade)) last = batch;
  return last;
}

async function* chunksOf(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += 65_536) yield bytes.subarray(at, at + 65_536);
}
