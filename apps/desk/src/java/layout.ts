import {
  array,
  boolean,
  byte,
  char,
  type DataType,
  double,
  enumOf,
  float,
  int,
  long,
  optional,
  record,
  short,
  unsignedByte,
  unsignedShort,
  utf,
} from '@holdfast/data-stream';
import { DeskError } from '../desk-error.ts';
import { nearMisses } from '../terminal/near-miss.ts';

/** How a value lies in a file, as the command line spells it. */
export type Layout =
  | { readonly kind: 'primitive'; readonly name: PrimitiveName }
  | { readonly kind: 'enum'; readonly as: PrimitiveName; readonly constants: readonly string[] }
  | { readonly kind: 'array'; readonly of: Layout }
  | { readonly kind: 'optional'; readonly of: Layout }
  | RecordLayout;

export interface RecordLayout {
  readonly kind: 'record';
  readonly fields: readonly { readonly name: string; readonly layout: Layout }[];
}

type PrimitiveName =
  | 'boolean'
  | 'byte'
  | 'unsignedByte'
  | 'short'
  | 'unsignedShort'
  | 'char'
  | 'int'
  | 'long'
  | 'float'
  | 'double'
  | 'utf';

const primitives: Readonly<Record<PrimitiveName, DataType<unknown>>> = {
  boolean,
  byte,
  unsignedByte,
  short,
  unsignedShort,
  char,
  int,
  long,
  float,
  double,
  utf,
};

/** What a constant may be kept as. */
const constantTypes: readonly PrimitiveName[] = [
  'byte',
  'unsignedByte',
  'short',
  'unsignedShort',
  'int',
  'utf',
];

/** One record's values by their names. */
export type Row = Readonly<Record<string, unknown>>;

const grammar =
  "Write the fields in their order, as 'symbol:utf, day:int, close:double'. Types: " +
  `${Object.keys(primitives).join(', ')}; int[] for an array behind its count, utf? for a value ` +
  'behind a boolean, byte(BUY|SELL) for a constant, {a:int, b:utf} for a record.';

/**
 * Reads a layout as the command line spells it.
 *
 * @throws {DeskError} `usage`, which shows the place
 */
export function parseLayout(text: string): RecordLayout {
  return new LayoutParser(text).all();
}

/** The type that reads and writes such records. */
export function rowTypeOf(layout: RecordLayout): DataType<Row> {
  return record(
    Object.fromEntries(layout.fields.map(({ name, layout: of }) => [name, typeOf(of)])),
  );
}

function typeOf(layout: Layout): DataType<unknown> {
  switch (layout.kind) {
    case 'primitive':
      return primitives[layout.name];
    case 'enum':
      return enumOf(layout.constants, primitives[layout.as] as DataType<number>);
    case 'array':
      return array(typeOf(layout.of));
    case 'optional':
      return optional(typeOf(layout.of));
    case 'record':
      return rowTypeOf(layout);
  }
}

class LayoutParser {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  all(): RecordLayout {
    const layout = this.#fields();
    if (this.#at < this.#text.length) throw this.#fault('the end is due');
    return layout;
  }

  #fields(): RecordLayout {
    const fields: { name: string; layout: Layout }[] = [];
    do {
      const name = this.#word('a name is due');
      if (fields.some((field) => field.name === name)) throw this.#fault(`${name} is there twice`);
      if (name === '__proto__' || /^\d+$/.test(name)) throw this.#fault('this is no name');
      this.#expect(':');
      fields.push({ name, layout: this.#type() });
    } while (this.#take(','));
    return { kind: 'record', fields };
  }

  #type(): Layout {
    let layout: Layout = this.#take('{') ? this.#nested() : this.#named();
    for (;;) {
      if (this.#take('[')) {
        this.#expect(']');
        layout = { kind: 'array', of: layout };
      } else if (this.#take('?')) {
        layout = { kind: 'optional', of: layout };
      } else return layout;
    }
  }

  #nested(): Layout {
    const layout = this.#fields();
    this.#expect('}');
    return layout;
  }

  #named(): Layout {
    const start = this.#at;
    const word = this.#word('a type is due');
    const name = Object.keys(primitives).find((each) => each === word) as PrimitiveName | undefined;
    if (name === undefined) {
      this.#at = start;
      const [meant] = nearMisses(word, Object.keys(primitives));
      const hint = meant === undefined ? '' : `; did you mean ${meant}?`;
      throw this.#fault(`there is no type ${word}${hint}`);
    }
    if (!this.#take('(')) return { kind: 'primitive', name };
    if (!constantTypes.includes(name)) {
      throw this.#fault(`a constant is kept as ${constantTypes.join(', ')}, not as ${name}`);
    }
    const constants: string[] = [];
    do {
      const constant = this.#word('a constant is due');
      if (constants.includes(constant)) throw this.#fault(`${constant} is there twice`);
      constants.push(constant);
    } while (this.#take('|'));
    this.#expect(')');
    return { kind: 'enum', as: name, constants };
  }

  #word(due: string): string {
    this.#blanks();
    const [word] = /^[\p{L}\p{N}_$.-]+/u.exec(this.#text.slice(this.#at)) ?? [];
    if (word === undefined) throw this.#fault(due);
    this.#at += word.length;
    return word;
  }

  #take(sign: string): boolean {
    this.#blanks();
    if (this.#text[this.#at] !== sign) return false;
    this.#at += 1;
    this.#blanks();
    return true;
  }

  #expect(sign: string): void {
    if (!this.#take(sign)) throw this.#fault(`a ${sign} is due`);
  }

  #blanks(): void {
    while (/\s/.test(this.#text[this.#at] ?? '')) this.#at += 1;
  }

  #fault(what: string): DeskError {
    const rest = this.#text.slice(this.#at);
    const where = rest === '' ? 'at its end' : `at "${rest}"`;
    return new DeskError('usage', `the layout cannot be read ${where}: ${what}`, grammar);
  }
}
