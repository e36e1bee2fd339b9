/**
 * The kernel of `src/text-kernel.ts` in WebAssembly's text format.
 *
 * Of a text in ASCII four units at a time are read, packed into a word and stored. If its length is
 * no multiple of four, its last words begin earlier, over bytes that are there already: so there is
 * hardly a branch that depends on the length, which a processor could not foresee. A text with
 * other units, or NUL, is written once more, unit by unit.
 *
 * The words are spelt out because engines neither inline such functions nor unroll such loops.
 */
export function shortTextKernel(): string {
  return `(module
  (import "wasm:js-string" "charCodeAt" (func $unitAt (param externref i32) (result i32)))
  (memory (export "memory") 1)
  (func (export "encode") (param $text externref) (param $length i32) (result i32)
    (local $i i32) (local $a i32) (local $b i32) (local $c i32) (local $d i32) (local $word i32)
    (local $units i32) (local $lessOne i32) (local $unit i32) (local $at i32)

    (block $other
      (br_if $other (i32.lt_u (local.get $length) (i32.const 4)))
      ${word(0)}
      (br_if $other (i32.ge_u (local.get $units) (i32.const 0x80)))
      (if (i32.ge_u (local.get $length) (i32.const 8)) (then
        ${word(4)}
        (if (i32.gt_u (local.get $length) (i32.const 16)) (then
          ${word(8)}
          ${word(12)}))
        (local.set $i (i32.sub (local.get $length) (i32.const 8)))
        ${word(0, '$i')}))
      (local.set $i (i32.sub (local.get $length) (i32.const 4)))
      ${word(0, '$i')}
      (br_if $other (i32.ge_u (local.get $units) (i32.const 0x80)))
      ;; Of words without a high bit, one less 0x01010101 has a high bit only where a byte was 0.
      (br_if $other (i32.and (local.get $lessOne) (i32.const 0x80808080)))
      (return (local.get $length)))

    (local.set $i (i32.const 0))
    (loop $next
      (local.set $unit (call $unitAt (local.get $text) (local.get $i)))
      (if (i32.lt_u (i32.sub (local.get $unit) (i32.const 1)) (i32.const 0x7f))
        (then ${bytes('(local.get $unit)')})
        (else (if (i32.le_u (local.get $unit) (i32.const 0x7ff))
          (then ${bytes(lead(0xc0, 6), following(0))})
          (else ${bytes(lead(0xe0, 12), following(6), following(0))}))))
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (br_if $next (i32.lt_u (local.get $i) (local.get $length))))
    (local.get $at)))
`;
}

const variables = ['$a', '$b', '$c', '$d'];

/** Stores four units as bytes and notes them; they begin at `offset`, from a variable if given. */
function word(offset: number, from?: string): string {
  const place = (i: number) =>
    from === undefined
      ? `(i32.const ${offset + i})`
      : `(i32.add (local.get ${from}) (i32.const ${offset + i}))`;
  const reads = variables.map(
    (each, i) => `(local.set ${each} (call $unitAt (local.get $text) ${place(i)}))`,
  );
  const [a = '', b = '', c = '', d = ''] = variables.map((each) => `(local.get ${each})`);
  const shifted = (value: string, bits: number) => `(i32.shl ${value} (i32.const ${bits}))`;
  return `${reads.join('\n')}
      (local.set $word ${or(or(a, shifted(b, 8)), or(shifted(c, 16), shifted(d, 24)))})
      (i32.store ${place(0)} (local.get $word))
      (local.set $units ${or('(local.get $units)', or(or(a, b), or(c, d)))})
      (local.set $lessOne
        ${or('(local.get $lessOne)', '(i32.sub (local.get $word) (i32.const 0x01010101))')})`;
}

/** Stores bytes where `$at` is, and steps over them. */
function bytes(...values: readonly string[]): string {
  const stores = values.map(
    (value, offset) => `(i32.store8 offset=${offset} (local.get $at) ${value})`,
  );
  return `${stores.join('\n')}
          (local.set $at (i32.add (local.get $at) (i32.const ${values.length})))`;
}

/** The first byte of several: their mark, and the unit's bits from `bits` up. */
function lead(mark: number, bits: number): string {
  return or(`(i32.const ${mark})`, `(i32.shr_u (local.get $unit) (i32.const ${bits}))`);
}

/** A byte that follows: six bits of the unit, from `bits` up. */
function following(bits: number): string {
  const moved = `(i32.shr_u (local.get $unit) (i32.const ${bits}))`;
  return or('(i32.const 0x80)', `(i32.and ${moved} (i32.const 0x3f))`);
}

function or(a: string, b: string): string {
  return `(i32.or ${a} ${b})`;
}
