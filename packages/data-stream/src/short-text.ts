const text = String.fromCharCode;

/** The longest run of bytes that `shortText` takes. */
export const longestShortText = 16;

/** The longest run of bytes that `shortMixedText` takes; longer ones are faster by the platform. */
export const longestMixedText = 32;

/**
 * The text of at most 16 ASCII bytes, or null when a byte is not ASCII.
 *
 * Each length has a call of its own: engines make a short text of so many arguments three times as
 * fast as the platform's decoders do, and faster than by joining characters.
 */
export function shortText(view: DataView, at: number, length: number): string | null {
  if (length < 8) return upToSeven(view, at, length);
  const high = view.getUint32(at);
  const low = view.getUint32(at + 4);
  const last = view.getUint32(at + length - 4);
  const beforeLast = view.getUint32(at + length - 8);
  if (((high | low | last | beforeLast) & 0x80808080) !== 0) return null;
  const a = high >>> 24;
  const b = (high >>> 16) & 0xff;
  const c = (high >>> 8) & 0xff;
  const d = high & 0xff;
  const e = low >>> 24;
  const f = (low >>> 16) & 0xff;
  const g = (low >>> 8) & 0xff;
  const h = low & 0xff;
  if (length === 8) return text(a, b, c, d, e, f, g, h);
  const i = view.getUint8(at + 8);
  if (length === 9) return text(a, b, c, d, e, f, g, h, i);
  const j = view.getUint8(at + 9);
  if (length === 10) return text(a, b, c, d, e, f, g, h, i, j);
  const k = view.getUint8(at + 10);
  if (length === 11) return text(a, b, c, d, e, f, g, h, i, j, k);
  const l = view.getUint8(at + 11);
  if (length === 12) return text(a, b, c, d, e, f, g, h, i, j, k, l);
  const m = view.getUint8(at + 12);
  if (length === 13) return text(a, b, c, d, e, f, g, h, i, j, k, l, m);
  const n = view.getUint8(at + 13);
  if (length === 14) return text(a, b, c, d, e, f, g, h, i, j, k, l, m, n);
  const o = view.getUint8(at + 14);
  if (length === 15) return text(a, b, c, d, e, f, g, h, i, j, k, l, m, n, o);
  return text(a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, view.getUint8(at + 15));
}

function upToSeven(view: DataView, at: number, length: number): string | null {
  if (length === 0) return '';
  const a = view.getUint8(at);
  if (length === 1) return a < 0x80 ? text(a) : null;
  const b = view.getUint8(at + 1);
  if (length === 2) return (a | b) < 0x80 ? text(a, b) : null;
  const c = view.getUint8(at + 2);
  if (length === 3) return (a | b | c) < 0x80 ? text(a, b, c) : null;
  const d = view.getUint8(at + 3);
  if (length === 4) return (a | b | c | d) < 0x80 ? text(a, b, c, d) : null;
  const e = view.getUint8(at + 4);
  if (length === 5) return (a | b | c | d | e) < 0x80 ? text(a, b, c, d, e) : null;
  const f = view.getUint8(at + 5);
  if (length === 6) return (a | b | c | d | e | f) < 0x80 ? text(a, b, c, d, e, f) : null;
  const g = view.getUint8(at + 6);
  return (a | b | c | d | e | f | g) < 0x80 ? text(a, b, c, d, e, f, g) : null;
}

/** Units of the text that is being read; none of it is kept. */
const units = new Uint16Array(longestMixedText);

/**
 * The text of at most 32 bytes that need not be ASCII, or null when they are malformed.
 */
export function shortMixedText(view: DataView, start: number, length: number): string | null {
  const end = start + length;
  let count = 0;
  let at = start;
  while (at < end) {
    const lead = view.getUint8(at);
    if (lead < 0x80) {
      units[count++] = lead;
      at += 1;
      continue;
    }
    const width = lead >> 5 === 0b110 ? 2 : 3;
    if (lead < 0xc0 || lead >= 0xf0 || at + width > end) return null;
    const second = view.getUint8(at + 1);
    if (second >> 6 !== 0b10) return null;
    if (width === 2) {
      units[count++] = ((lead & 0x1f) << 6) | (second & 0x3f);
    } else {
      const third = view.getUint8(at + 2);
      if (third >> 6 !== 0b10) return null;
      units[count++] = ((lead & 0x0f) << 12) | ((second & 0x3f) << 6) | (third & 0x3f);
    }
    at += width;
  }
  if (count <= longestShortText) return textOfUnits(0, count);
  return textOfUnits(0, longestShortText) + textOfUnits(longestShortText, count);
}

/** The text of at most 16 of the units; each length has a call of its own, as in `shortText`. */
function textOfUnits(from: number, to: number): string {
  const length = to - from;
  if (length === 0) return '';
  const a = unit(from);
  if (length === 1) return text(a);
  const b = unit(from + 1);
  if (length === 2) return text(a, b);
  const c = unit(from + 2);
  if (length === 3) return text(a, b, c);
  const d = unit(from + 3);
  if (length === 4) return text(a, b, c, d);
  const e = unit(from + 4);
  if (length === 5) return text(a, b, c, d, e);
  const f = unit(from + 5);
  if (length === 6) return text(a, b, c, d, e, f);
  const g = unit(from + 6);
  if (length === 7) return text(a, b, c, d, e, f, g);
  const h = unit(from + 7);
  if (length === 8) return text(a, b, c, d, e, f, g, h);
  const i = unit(from + 8);
  if (length === 9) return text(a, b, c, d, e, f, g, h, i);
  const j = unit(from + 9);
  if (length === 10) return text(a, b, c, d, e, f, g, h, i, j);
  const k = unit(from + 10);
  if (length === 11) return text(a, b, c, d, e, f, g, h, i, j, k);
  const l = unit(from + 11);
  if (length === 12) return text(a, b, c, d, e, f, g, h, i, j, k, l);
  const m = unit(from + 12);
  if (length === 13) return text(a, b, c, d, e, f, g, h, i, j, k, l, m);
  const n = unit(from + 13);
  if (length === 14) return text(a, b, c, d, e, f, g, h, i, j, k, l, m, n);
  const o = unit(from + 14);
  if (length === 15) return text(a, b, c, d, e, f, g, h, i, j, k, l, m, n, o);
  return text(a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, unit(from + 15));
}

function unit(i: number): number {
  return units[i] as number;
}
