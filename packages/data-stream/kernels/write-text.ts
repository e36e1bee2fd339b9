import { or } from './wat.ts';

/**
 * `encode`, which writes a text in modified UTF-8 from the beginning of the memory on.
 *
 * Of a text in ASCII four units at a time are read and packed into a word, at places that cover any
 * length of 4 to 16 by overlapping: so no branch depends on the length, which a processor could not
 * foresee. What lies behind the last unit in a double word is shifted out. A text with other units
 * or NUL, or of more than 24 units, is written once more, unit by unit.
 *
 * Double words are stored whole, and where they will be read as such: a read of what several stores
 * made would wait for them.
 *
 * The words are spelt out because engines neither inline such functions nor unroll such loops.
 */
export function encodeFunction(): string {
  return `
  (func (export "encode") (param $text externref) (param $length i32) (result i32)
    (local $second i32) (local $third i32) (local $fourth i32) (local $last i32)
    (local $a i32) (local $b i32) (local $c i32) (local $d i32)
    (local $word i32) (local $low i64) (local $units i32) (local $lessOne i32)
    (local $i i32) (local $unit i32) (local $at i32)

    (block $other
      (if (i32.ge_u (local.get $length) (i32.const 4))
        (then
          (local.set $second ${least('(i32.const 4)', '(i32.sub (local.get $length) (i32.const 4))')})
          (local.set $third ${least('(i32.const 8)', most('(i32.const 0)', '(i32.sub (local.get $length) (i32.const 8))'))})
          (local.set $fourth (i32.add (local.get $second) (local.get $third)))
          ${word('(i32.const 0)')}
          (br_if $other (i32.ge_u (local.get $units) (i32.const 0x80)))
          (local.set $low (i64.extend_i32_u (local.get $word)))
          ${word('(local.get $second)')}
          (i64.store (i32.const 0) ${joined('$second')})
          ${word('(local.get $third)')}
          (local.set $low (i64.extend_i32_u (local.get $word)))
          ${word('(local.get $fourth)')}
          (i64.store (i32.const 8) (i64.shr_u ${joined('$second')} ${bitsOf('(i32.sub (i32.const 8) (local.get $third))')}))
          (if (i32.gt_u (local.get $length) (i32.const 16)) (then
            (br_if $other (i32.gt_u (local.get $length) (i32.const 24)))
            (local.set $last (i32.sub (local.get $length) (i32.const 8)))
            ${word('(local.get $last)')}
            (local.set $low (i64.extend_i32_u (local.get $word)))
            ${word('(i32.add (local.get $last) (i32.const 4))')}
            (i64.store (i32.const 16) (i64.shr_u ${joined('$second')} ${bitsOf('(i32.sub (i32.const 16) (local.get $last))')})))))
        (else
          (if (i32.eqz (local.get $length)) (then (return (i32.const 0))))
          ;; One to three units: the first, the middle and the last.
          (local.set $second (i32.shr_u (local.get $length) (i32.const 1)))
          (local.set $third (i32.sub (local.get $length) (i32.const 1)))
          (local.set $a ${unitAt('(i32.const 0)')})
          (local.set $b ${unitAt('(local.get $second)')})
          (local.set $c ${unitAt('(local.get $third)')})
          (local.set $units ${or(or('(local.get $a)', '(local.get $b)'), '(local.get $c)')})
          (local.set $lessOne ${or(or(lessOne('$a'), lessOne('$b')), lessOne('$c'))})
          (i64.store (i32.const 0) (i64.extend_i32_u
            ${or('(local.get $a)', or(shifted('$b', '$second'), shifted('$c', '$third')))}))))
      (br_if $other (i32.ge_u (local.get $units) (i32.const 0x80)))
      ;; Of words without a high bit, one less 0x01010101 has a high bit only where a byte was 0.
      (br_if $other (i32.and (local.get $lessOne) (i32.const 0x80808080)))
      (return (local.get $length)))

    (loop $next
      (local.set $unit ${unitAt('(local.get $i)')})
      (if (i32.lt_u (i32.sub (local.get $unit) (i32.const 1)) (i32.const 0x7f))
        (then ${bytes('(local.get $unit)')})
        (else (if (i32.le_u (local.get $unit) (i32.const 0x7ff))
          (then ${bytes(lead(0xc0, 6), following(0))})
          (else ${bytes(lead(0xe0, 12), following(6), following(0))}))))
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (br_if $next (i32.lt_u (local.get $i) (local.get $length))))
    (local.get $at))`;
}

const variables = ['$a', '$b', '$c', '$d'];

/** Packs the four units from `place` on into `$word`, and notes them. */
function word(place: string): string {
  const reads = variables.map((each, i) => {
    const at = i === 0 ? place : `(i32.add ${place} (i32.const ${i}))`;
    return `(local.set ${each} ${unitAt(at)})`;
  });
  const [a = '', b = '', c = '', d = ''] = variables.map((each) => `(local.get ${each})`);
  const moved = (value: string, bits: number) => `(i32.shl ${value} (i32.const ${bits}))`;
  return `${reads.join('\n')}
          (local.set $word ${or(or(a, moved(b, 8)), or(moved(c, 16), moved(d, 24)))})
          (local.set $units ${or('(local.get $units)', or(or(a, b), or(c, d)))})
          (local.set $lessOne
            ${or('(local.get $lessOne)', '(i32.sub (local.get $word) (i32.const 0x01010101))')})`;
}

/** `$low` and `$word` as one double word, the latter as many bytes on as the variable tells. */
function joined(bytesOn: string): string {
  const high = '(i64.extend_i32_u (local.get $word))';
  return `(i64.or (local.get $low) (i64.shl ${high} ${bitsOf(`(local.get ${bytesOn})`)}))`;
}

function bitsOf(count: string): string {
  return `(i64.extend_i32_u (i32.shl ${count} (i32.const 3)))`;
}

function unitAt(place: string): string {
  return `(call $unitAt (local.get $text) ${place})`;
}

function lessOne(variable: string): string {
  return `(i32.sub (local.get ${variable}) (i32.const 1))`;
}

/** A variable's unit, moved up by as many bytes as another tells. */
function shifted(variable: string, bytesOn: string): string {
  return `(i32.shl (local.get ${variable}) (i32.shl (local.get ${bytesOn}) (i32.const 3)))`;
}

/** Without a branch. */
function least(a: string, b: string): string {
  return `(select ${a} ${b} (i32.lt_s ${a} ${b}))`;
}

/** Without a branch. */
function most(a: string, b: string): string {
  return `(select ${a} ${b} (i32.gt_s ${a} ${b}))`;
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
