import type { DataInputStream, DataOutputStream } from '../src/index.ts';
import { hex, units } from './hex.ts';

type Reader = (input: DataInputStream) => string;
type Writer = (out: DataOutputStream, said: string) => void;

/** Reads a value of each kind and says what it is, as `Differential.java` does. */
const readers: Readonly<Record<string, Reader>> = {
  boolean: (input) => String(input.readBoolean()),
  byte: (input) => String(input.readByte()),
  unsignedByte: (input) => String(input.readUnsignedByte()),
  short: (input) => String(input.readShort()),
  unsignedShort: (input) => String(input.readUnsignedShort()),
  char: (input) => String(input.readChar()),
  int: (input) => String(input.readInt()),
  long: (input) => String(input.readLong()),
  float: (input) => floatBits(input.readFloat()),
  double: (input) => doubleBits(input.readDouble()),
  utf: (input) => units(input.readUTF()),
  line: (input) => {
    const line = input.readLine();
    return line === null ? 'null' : units(line);
  },
  read: (input) => String(input.read()),
  skip: (input) => String(input.skipBytes(3)),
  fully: (input) => hex(input.readFully(3)),
};

/** Writes a value of each kind that is written as it was said. */
const writers: Readonly<Record<string, Writer>> = {
  boolean: (out, said) => out.writeBoolean(said === 'true'),
  byte: (out, said) => out.writeByte(Number(said)),
  short: (out, said) => out.writeShort(Number(said)),
  char: (out, said) => out.writeChar(Number(said)),
  int: (out, said) => out.writeInt(Number(said)),
  long: (out, said) => out.writeLong(BigInt(said)),
  float: (out, said) => out.writeFloat(floatOf(said)),
  double: (out, said) => out.writeDouble(doubleOf(said)),
  utf: (out, said) => out.writeUTF(textOf(said)),
  bytes: (out, said) => out.writeBytes(textOf(said)),
  chars: (out, said) => out.writeChars(textOf(said)),
};

/** The kinds that can be read. */
export const readKinds: readonly string[] = Object.keys(readers);

export function readerOf(kind: string): Reader {
  const reader = readers[kind];
  if (reader === undefined) throw new Error(`nothing reads ${kind}`);
  return reader;
}

export function writerOf(kind: string): Writer {
  const writer = writers[kind];
  if (writer === undefined) throw new Error(`nothing writes ${kind}`);
  return writer;
}

/** The text that `units` spelled. */
export function textOf(said: string): string {
  const numbers = new Uint16Array((said.length - 1) / 4);
  for (let i = 0; i < numbers.length; i++) {
    numbers[i] = Number.parseInt(said.slice(1 + i * 4, 5 + i * 4), 16);
  }
  let text = '';
  for (let at = 0; at < numbers.length; at += 4096) {
    text += String.fromCharCode(...numbers.subarray(at, at + 4096));
  }
  return text;
}

const view = new DataView(new ArrayBuffer(8));

/** The bits as Java's `toHexString` gives them, with Java's one NaN. */
export function floatBits(value: number): string {
  if (Number.isNaN(value)) return '7fc00000';
  view.setFloat32(0, value);
  return view.getUint32(0).toString(16);
}

function floatOf(bits: string): number {
  view.setUint32(0, Number.parseInt(bits, 16));
  return view.getFloat32(0);
}

/** As `floatBits`. */
export function doubleBits(value: number): string {
  if (Number.isNaN(value)) return '7ff8000000000000';
  view.setFloat64(0, value);
  return view.getBigUint64(0).toString(16);
}

function doubleOf(bits: string): number {
  view.setBigUint64(0, BigInt(`0x${bits}`));
  return view.getFloat64(0);
}
