import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

const versions = {
  'smart-buffer': '4.2.0',
  'binary-parser': '2.3.0',
  restructure: '3.0.2',
  'mutf-8': '1.2.4',
};

/** Kept apart from the house's own packages. */
const folder = join(import.meta.dirname, '../../../node_modules/.data-stream-peers');

/** Installs the packages that ours is held beside; false, and why on stderr, where that fails. */
export function installPeers(): boolean {
  try {
    install();
    return true;
  } catch (error) {
    console.error(`left out, as npm could not install them: ${Object.keys(versions).join(', ')}`);
    console.error((error as Error).message);
    return false;
  }
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

export function loadPeer<Name extends keyof Peers>(name: Name): Peers[Name] {
  return createRequire(join(folder, 'from-here.js'))(name) as Peers[Name];
}
