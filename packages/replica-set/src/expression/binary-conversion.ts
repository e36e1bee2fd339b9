/** Binary data made of text and numbers, and read back. */
import { Binary, Double } from 'bson';
import { asDouble } from '../arithmetic.ts';
import { type BsonValue, isInt32 } from '../bson-document.ts';
import { ServerError } from '../server-error.ts';
import type { ExpressionValue } from './evaluator.ts';
import { unsupported } from './scalar-conversion.ts';

export interface ConversionOptions {
  /** How text tells bytes. */
  readonly format?: 'auto' | 'base64' | 'base64url' | 'hex' | 'utf8' | 'uuid' | undefined;
  /** Little endian unless it says otherwise. */
  readonly byteOrder?: 'little' | 'big' | undefined;
  readonly subtype?: number | undefined;
}

const uuidSubtype = 4;
const uuidPattern = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

function formatMissing(from: string, to: string): ServerError {
  return new ServerError(
    4341115,
    `Format must be speficied when converting from '${from}' to '${to}'`,
  );
}

export function binaryOf(value: BsonValue, options: ConversionOptions): ExpressionValue {
  const { subtype = 0, format } = options;
  if (typeof value === 'string') {
    if (format === undefined) throw formatMissing('string', 'binData');
    return new Binary(bytesOf(value, format, subtype), subtype);
  }
  const bytes = numberBytes(value, options.byteOrder !== 'big');
  if (bytes === undefined) throw unsupported(value, 'binData');
  return new Binary(bytes, subtype);
}

function bytesOf(
  text: string,
  format: NonNullable<ConversionOptions['format']>,
  subtype: number,
): Buffer {
  const fail = (why: string) =>
    new ServerError(
      241,
      `Failed to parse BinData '${text}' in $convert with no onError value: ${why}`,
    );
  if ((format === 'uuid') !== (subtype === uuidSubtype)) {
    throw fail("Only the 'uuid' format is allowed with the UUID subtype");
  }
  switch (format) {
    case 'utf8':
      return Buffer.from(text, 'utf8');
    case 'hex':
      if (/^([0-9a-f]{2})*$/i.test(text)) return Buffer.from(text, 'hex');
      throw fail('Input is not a valid hex string.');
    case 'base64':
      if (/^([A-Za-z0-9+/]{4})*([A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(text)) {
        return Buffer.from(text, 'base64');
      }
      throw fail('Input is not a valid base64 string.');
    case 'base64url':
      if (/^([\w-]{4})*([\w-]{2}(==)?|[\w-]{3}=?)?$/.test(text)) {
        return Buffer.from(text, 'base64url');
      }
      throw fail('Input is not a valid base64url string.');
    case 'uuid':
      if (uuidPattern.test(text)) return Buffer.from(text.replaceAll('-', ''), 'hex');
      throw fail(`Invalid UUID string: ${text}`);
    default:
      throw fail(`Invalid format '${format}'`);
  }
}

function numberBytes(value: BsonValue, little: boolean): Buffer | undefined {
  const bytes = Buffer.alloc(typeof value === 'number' && isInt32(value) ? 4 : 8);
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  if (typeof value === 'bigint') view.setBigInt64(0, value, little);
  else if (value instanceof Double) view.setFloat64(0, value.value, little);
  else if (typeof value !== 'number') return undefined;
  else if (isInt32(value)) view.setInt32(0, value, little);
  else view.setFloat64(0, value, little);
  return bytes;
}

export function convertFromBinary(
  value: BsonValue,
  to: string,
  { format, byteOrder, subtype = 0 }: ConversionOptions,
): ExpressionValue {
  const binary = value as Binary;
  const bytes = Buffer.from(binary.buffer.subarray(0, binary.position));
  switch (to) {
    case 'binData':
      if (binary.sub_type === subtype) return binary;
      throw new ServerError(
        241,
        'Conversions between different BinData subtypes are not supported',
      );
    case 'string':
      if (format === undefined) throw formatMissing('binData', 'string');
      return textOfBytes(bytes, binary.sub_type, format);
    case 'int':
    case 'long':
    case 'double':
      return numberOfBytes(bytes, to, byteOrder !== 'big');
    default:
      throw unsupported(value, to);
  }
}

function textOfBytes(
  bytes: Buffer,
  subtype: number,
  format: NonNullable<ConversionOptions['format']>,
): string {
  const isUuid = subtype === uuidSubtype && bytes.length === 16;
  const fail = (why: string) =>
    new ServerError(
      241,
      `Failed to convert '${bytes.toString('base64')}' to string in $convert with no onError value: ${why}`,
    );
  switch (format) {
    case 'base64url':
    case 'hex':
      return bytes.toString(format);
    case 'utf8':
      try {
        return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
      } catch {
        throw fail('BinData does not represent a valid UTF-8 string');
      }
    case 'uuid':
      if (isUuid) return uuidText(bytes);
      throw fail('BinData does not represent a valid UUID');
    case 'auto':
      return isUuid ? uuidText(bytes) : bytes.toString('base64');
    default:
      return bytes.toString('base64');
  }
}

function uuidText(bytes: Buffer): string {
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}

function numberOfBytes(
  bytes: Buffer,
  to: 'int' | 'long' | 'double',
  little: boolean,
): number | bigint | ReturnType<typeof asDouble> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const { length } = bytes;
  if (to === 'double') {
    if (length === 4) return asDouble(view.getFloat32(0, little));
    if (length === 8) return asDouble(view.getFloat64(0, little));
  } else {
    if (to === 'long' && length === 8) return view.getBigInt64(0, little);
    const small =
      length === 1
        ? view.getInt8(0)
        : length === 2
          ? view.getInt16(0, little)
          : length === 4
            ? view.getInt32(0, little)
            : undefined;
    if (small !== undefined) return to === 'long' ? BigInt(small) : small;
  }
  throw new ServerError(
    241,
    `Failed to convert '${bytes.toString('base64')}' to number in $convert because of invalid length: ${length}`,
  );
}
