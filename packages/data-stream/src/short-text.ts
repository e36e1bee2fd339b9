const text = String.fromCharCode;

/** The longest run of bytes that `shortText` takes. */
export const longestShortText = 16;

/** The longest run of bytes that `shortMixedText` takes. */
const longestMixedText = 32;

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
  let all = '';
  let i = 0;
  for (; i + 8 <= count; i += 8) {
    all += text(
      unit(i),
      unit(i + 1),
      unit(i + 2),
      unit(i + 3),
      unit(i + 4),
      unit(i + 5),
      unit(i + 6),
      unit(i + 7),
    );
  }
  if (i + 4 <= count) {
    all += text(unit(i), unit(i + 1), unit(i + 2), unit(i + 3));
    i += 4;
  }
  if (i + 2 <= count) {
    all += text(unit(i), unit(i + 1));
    i += 2;
  }
  return i < count ? all + text(unit(i)) : all;
}

function unit(i: number): number {
  return units[i] as number;
}
