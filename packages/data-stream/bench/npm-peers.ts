import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { Trade } from './trade.ts';

/** A package that is held beside ours, as far as it can do what ours does. */
export interface NpmPeer {
  readonly name: string;
  readonly write?: (trades: readonly Trade[]) => Uint8Array;
  readonly read?: (bytes: Uint8Array) => readonly unknown[];
  readonly encodeTexts?: (texts: readonly string[]) => number;
  readonly decodeTexts?: (texts: readonly Uint8Array[]) => number;
}

const versions = {
  'smart-buffer': '4.2.0',
  'binary-parser': '2.3.0',
  restructure: '3.0.2',
  'mutf-8': '1.2.4',
};

/** Kept apart from the house's own packages. */
const folder = join(import.meta.dirname, '../../../node_modules/.data-stream-peers');

/** The peers, installed by npm at the first call; none where that fails. */
export function npmPeers(): readonly NpmPeer[] {
  try {
    install();
  } catch (error) {
    console.error(`left out, as npm could not install them: ${Object.keys(versions).join(', ')}`);
    console.error((error as Error).message);
    return [];
  }
  return [smartBuffer(), binaryParser(), restructure(), mutf8()];
}

function install(): void {
  const wanted = Object.entries(versions).map(([name, version]) => `${name}@${version}`);
  if (Object.keys(versions).every((name) => existsSync(join(folder, 'node_modules', name)))) return;
  mkdirSync(folder, { recursive: true });
  const options = ['--no-audit', '--no-fund', '--ignore-scripts', '--loglevel=error'];
  execFileSync('npm', ['install', '--prefix', folder, ...options, ...wanted], {
    cwd: folder,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
}

/** What is used of the peers, of which some have no types. */
interface Peers {
  readonly 'smart-buffer': {
    readonly SmartBuffer: {
      fromSize(size: number): SmartBuffer;
      fromBuffer(bytes: Buffer): SmartBuffer;
    };
  };
  readonly 'binary-parser': { readonly Parser: new () => Parser };
  readonly restructure: {
    readonly int32be: unknown;
    readonly uint32be: unknown;
    readonly uint16be: unknown;
    readonly doublebe: unknown;
    readonly String: new (length: unknown, encoding: string) => unknown;
    readonly Struct: new (fields: object) => unknown;
    readonly Array: new (
      of: unknown,
    ) => {
      toBuffer(values: readonly object[]): Uint8Array;
      fromBuffer(bytes: Uint8Array): object[];
    };
  };
  readonly 'mutf-8': {
    readonly MUtf8Encoder: new () => { encode(text: string): Uint8Array };
    readonly MUtf8Decoder: new () => { decode(bytes: Uint8Array): string };
  };
}

interface SmartBuffer {
  writeInt32BE(value: number): void;
  writeBigInt64BE(value: bigint): void;
  writeDoubleBE(value: number): void;
  writeUInt16BE(value: number): void;
  writeString(text: string): void;
  readInt32BE(): number;
  readBigInt64BE(): bigint;
  readDoubleBE(): number;
  readUInt16BE(): number;
  readString(bytes: number): string;
  remaining(): number;
  toBuffer(): Uint8Array;
}

interface Parser {
  endianess(of: string): Parser;
  int32(name: string): Parser;
  int64(name: string): Parser;
  doublebe(name: string): Parser;
  uint16(name: string): Parser;
  string(name: string, options: object): Parser;
  array(name: string, options: object): Parser;
  parse(bytes: Uint8Array): { readonly trades: readonly object[] };
}

function load<Name extends keyof Peers>(name: Name): Peers[Name] {
  return createRequire(join(folder, 'from-here.js'))(name) as Peers[Name];
}

function smartBuffer(): NpmPeer {
  const { SmartBuffer } = load('smart-buffer');
  return {
    name: 'smart-buffer',
    write(trades) {
      const out = SmartBuffer.fromSize(65_536);
      for (const { id, at, price, symbol } of trades) {
        out.writeInt32BE(id);
        out.writeBigInt64BE(at);
        out.writeDoubleBE(price);
        out.writeUInt16BE(Buffer.byteLength(symbol));
        out.writeString(symbol);
      }
      return out.toBuffer();
    },
    read(bytes) {
      const input = SmartBuffer.fromBuffer(Buffer.from(bytes));
      const trades = [];
      while (input.remaining() > 0) {
        const id = input.readInt32BE();
        const at = input.readBigInt64BE();
        const price = input.readDoubleBE();
        trades.push({ id, at, price, symbol: input.readString(input.readUInt16BE()) });
      }
      return trades;
    },
  };
}

function binaryParser(): NpmPeer {
  const { Parser } = load('binary-parser');
  const trade = new Parser()
    .endianess('big')
    .int32('id')
    .int64('at')
    .doublebe('price')
    .uint16('length')
    .string('symbol', { length: 'length' });
  const all = new Parser().array('trades', { type: trade, readUntil: 'eof' });
  return { name: 'binary-parser', read: (bytes) => all.parse(bytes).trades };
}

function restructure(): NpmPeer {
  const r = load('restructure');
  const trade = new r.Struct({
    id: r.int32be,
    // It has no integers of 64 bits.
    high: r.int32be,
    low: r.uint32be,
    price: r.doublebe,
    symbol: new r.String(r.uint16be, 'utf8'),
  });
  const all = new r.Array(trade);
  return {
    name: 'restructure',
    write: (trades) =>
      all.toBuffer(
        trades.map(({ id, at, price, symbol }) => ({
          id,
          high: Number(at >> 32n),
          low: Number(at & 0xffff_ffffn),
          price,
          symbol,
        })),
      ),
    read: (bytes) => all.fromBuffer(bytes),
  };
}

function mutf8(): NpmPeer {
  const { MUtf8Encoder, MUtf8Decoder } = load('mutf-8');
  const encoder = new MUtf8Encoder();
  const decoder = new MUtf8Decoder();
  return {
    name: 'mutf-8',
    encodeTexts: (texts) => texts.reduce((sum, text) => sum + encoder.encode(text).length, 0),
    decodeTexts: (texts) => texts.reduce((sum, bytes) => sum + decoder.decode(bytes).length, 0),
  };
}
