import { or } from './wat.ts';

/** Bytes, and units, of the longest text. */
const longest = 16;

/**
 * `decode`, which makes a text of 1 to 16 bytes of modified UTF-8, given as two double words, the
 * first byte lowest, with anything behind the last; null when they are malformed.
 *
 * What is ASCII becomes so many units, whatever the length: so no branch depends on it, which a
 * processor could not foresee. Other texts are read byte by byte.
 */
export function decodeFunction(): string {
  return `
  (func (export "decode") (param $low f64) (param $high f64) (param $length i32) (result externref)
    (local $a i64) (local $b i64) (local $at i32) (local $count i32)
    (local $lead i32) (local $second i32) (local $third i32)
    (local.set $a (i64.reinterpret_f64 (local.get $low)))
    (local.set $b (i64.reinterpret_f64 (local.get $high)))
    (if (i64.eqz (i64.and
          (i64.const 0x8080808080808080)
          (i64.or
            (i64.and (local.get $a) ${firstBytes('(select (local.get $length) (i32.const 8) (i32.lt_u (local.get $length) (i32.const 8)))')})
            (select
              (i64.and (local.get $b) ${firstBytes('(i32.sub (local.get $length) (i32.const 8))')})
              (i64.const 0)
              (i32.gt_u (local.get $length) (i32.const 8))))))
      (then
        ${Array.from({ length: longest }, (_, i) => set(`(i32.const ${i})`, byte(i))).join('\n')}
        (return ${textOf('(local.get $length)')})))
    (loop $next
      (local.set $lead ${byteAt('(local.get $at)')})
      (if (i32.lt_u (local.get $lead) (i32.const 0x80))
        (then
          ${set('(local.get $count)', '(local.get $lead)')}
          (local.set $at (i32.add (local.get $at) (i32.const 1))))
        (else
          (local.set $second ${byteAt('(i32.add (local.get $at) (i32.const 1))')})
          (if (i32.ne ${bitsFrom(6, '$second')} (i32.const 2)) (then (return (ref.null extern))))
          (if (i32.eq ${bitsFrom(5, '$lead')} (i32.const 6))
            (then
              ${set('(local.get $count)', or(lowBits(5, '$lead', 6), lowBits(6, '$second', 0)))}
              (local.set $at (i32.add (local.get $at) (i32.const 2))))
            (else
              (local.set $third ${byteAt('(i32.add (local.get $at) (i32.const 2))')})
              (if (i32.ne ${bitsFrom(6, '$third')} (i32.const 2)) (then (return (ref.null extern))))
              (if (i32.ne ${bitsFrom(4, '$lead')} (i32.const 14)) (then (return (ref.null extern))))
              ${set('(local.get $count)', or(lowBits(4, '$lead', 12), or(lowBits(6, '$second', 6), lowBits(6, '$third', 0))))}
              (local.set $at (i32.add (local.get $at) (i32.const 3)))))))
      (local.set $count (i32.add (local.get $count) (i32.const 1)))
      (br_if $next (i32.lt_u (local.get $at) (local.get $length))))
    ;; A character that is cut off had what lies behind the text for its last bytes.
    (if (i32.ne (local.get $at) (local.get $length)) (then (return (ref.null extern))))
    ${textOf('(local.get $count)')})`;
}

/** A mask of the first bytes of a double word, 1 to 8 of them. */
function firstBytes(count: string): string {
  const bits = `(i32.shl ${count} (i32.const 3))`;
  return `(i64.shr_u (i64.const -1) (i64.extend_i32_u (i32.sub (i32.const 64) ${bits})))`;
}

/** A byte whose place is known. */
function byte(place: number): string {
  const word = place < 8 ? '(local.get $a)' : '(local.get $b)';
  return `(i32.and (i32.wrap_i64 (i64.shr_u ${word} (i64.const ${(place % 8) * 8}))) (i32.const 0xff))`;
}

/** A byte at a place from 0 to 15. */
function byteAt(place: string): string {
  const word = `(select (local.get $a) (local.get $b) (i32.lt_u ${place} (i32.const 8)))`;
  // Only the low six bits of the count are used.
  const bits = `(i64.extend_i32_u (i32.shl ${place} (i32.const 3)))`;
  return `(i32.and (i32.wrap_i64 (i64.shr_u ${word} ${bits})) (i32.const 0xff))`;
}

function set(place: string, unit: string): string {
  return `(array.set $units (global.get $text) ${place} ${unit})`;
}

function textOf(count: string): string {
  return `(call $fromUnits (global.get $text) (i32.const 0) ${count})`;
}

/** The bits of a byte from one on. */
function bitsFrom(first: number, variable: string): string {
  return `(i32.shr_u (local.get ${variable}) (i32.const ${first}))`;
}

/** So many low bits of a byte, in their place in a unit. */
function lowBits(count: number, variable: string, place: number): string {
  const bits = `(i32.and (local.get ${variable}) (i32.const ${2 ** count - 1}))`;
  return place === 0 ? bits : `(i32.shl ${bits} (i32.const ${place}))`;
}
