import { UTFDataFormatException } from './data-stream-error.ts';

/** Units handed to `String.fromCharCode` at once; engines bound the number of arguments. */
const unitsAtOnce = 4096;

/** Bytes that one UTF-16 unit takes in modified UTF-8. */
export function widthOf(unit: number): 1 | 2 | 3 {
  if (unit >= 0x01 && unit <= 0x7f) return 1;
  return unit <= 0x7ff ? 2 : 3;
}

/** Writes `text` in modified UTF-8 unit by unit and returns where it ends: the truth of the codec. */
export function encodePlainly(text: string, bytes: Uint8Array, start: number): number {
  let at = start;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    const width = widthOf(unit);
    if (width === 1) {
      bytes[at] = unit;
    } else if (width === 2) {
      bytes[at] = 0xc0 | (unit >> 6);
      bytes[at + 1] = 0x80 | (unit & 0x3f);
    } else {
      bytes[at] = 0xe0 | (unit >> 12);
      bytes[at + 1] = 0x80 | ((unit >> 6) & 0x3f);
      bytes[at + 2] = 0x80 | (unit & 0x3f);
    }
    at += width;
  }
  return at;
}

/**
 * Reads modified UTF-8 byte by byte as the JDK does: the truth of the codec.
 *
 * @param offset where the bytes begin in the stream that errors count in
 */
export function decodePlainly(bytes: Uint8Array, offset: number): string {
  const units = new Uint16Array(bytes.length);
  let count = 0;
  let at = 0;
  while (at < bytes.length) {
    const lead = bytes[at] ?? 0;
    const width = lead < 0x80 ? 1 : lead >> 5 === 0b110 ? 2 : lead >> 4 === 0b1110 ? 3 : 0;
    if (width === 0) throw malformed(at, offset + at);
    if (at + width > bytes.length) {
      const message = 'malformed input: partial character at end';
      throw new UTFDataFormatException('partial-character', message, offset + at);
    }
    const second = bytes[at + 1] ?? 0;
    const third = bytes[at + 2] ?? 0;
    if (width === 1) {
      units[count++] = lead;
    } else if (width === 2) {
      if (second >> 6 !== 0b10) throw malformed(at + 2, offset + at);
      units[count++] = ((lead & 0x1f) << 6) | (second & 0x3f);
    } else {
      if (second >> 6 !== 0b10 || third >> 6 !== 0b10) throw malformed(at + 2, offset + at);
      units[count++] = ((lead & 0x0f) << 12) | ((second & 0x3f) << 6) | (third & 0x3f);
    }
    at += width;
  }
  return textOf(units.subarray(0, count));
}

function malformed(around: number, offset: number): UTFDataFormatException {
  return new UTFDataFormatException('malformed', `malformed input around byte ${around}`, offset);
}

function textOf(units: Uint16Array): string {
  let text = '';
  for (let at = 0; at < units.length; at += unitsAtOnce) {
    text += String.fromCharCode.apply(null, units.subarray(at, at + unitsAtOnce) as never);
  }
  return text;
}
