/** Binary data made of text, and read back. */
import { Binary } from 'bson';
import type { BsonValue } from '../bson-document.ts';
import { ServerError } from '../server-error.ts';
import type { ExpressionValue } from './evaluator.ts';
import { unsupported } from './scalar-conversion.ts';

export interface ConversionOptions {
  /** How text tells bytes. */
  readonly format?: 'auto' | 'base64' | 'base64url' | 'hex' | 'utf8' | 'uuid' | undefined;
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
  if (typeof value !== 'string') throw unsupported(value, 'binData');
  if (format === undefined) throw formatMissing('string', 'binData');
  return new Binary(bytesOf(value, format, subtype), subtype);
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

export function convertFromBinary(
  value: BsonValue,
  to: string,
  { format, subtype = 0 }: ConversionOptions,
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
