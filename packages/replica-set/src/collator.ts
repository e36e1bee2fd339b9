/**
 * Collations: how strings compare when they do not by their bytes.
 *
 * ICU does the comparing, as it does in MongoDB, by way of `Intl.Collator`. What
 * that cannot do is refused by name. Its Unicode is newer than that of ICU 57.1,
 * which MongoDB has, and it always normalizes.
 */
import { type BsonDocument, type BsonValue, isDocument, showValue } from './bson-document.ts';
import { isNumber, toDouble, typeName } from './bson-order.ts';
import { ServerError } from './server-error.ts';

export class Collator {
  /** The collation with all its fields, as collections and indexes tell it. */
  readonly specification: BsonDocument;
  /** Negative, zero or positive as `a` stands before, with or after `b`. */
  readonly compare: (a: string, b: string) => number;
  /** The same for collators that compare alike. */
  readonly #identity: string;

  constructor(specification: BsonDocument, compare: (a: string, b: string) => number) {
    this.specification = specification;
    this.compare = compare;
    this.#identity = showValue(specification);
  }

  /** True when both compare alike; nothing is the comparison by bytes. */
  static same(a: Collator | undefined, b: Collator | undefined): boolean {
    if (a === undefined || b === undefined) return a === b;
    return a.#identity === b.#identity;
  }
}

/** The locales that MongoDB has collations for. */
const locales: ReadonlySet<string> = new Set(
  (
    'af am ar as az be bg bn bo bs bs_Cyrl ca chr cs cy da de de_AT dsb dz ee el en en_US eo es et fa ' +
    'fa_AF fi fil fo fr fr_CA ga gl gu ha haw he hi hr hsb hu hy id ig is it ja ka kk kl km kn ko kok ' +
    'ky lb lkt ln lo lt lv mk ml mn mr ms mt my nb ne nl nn om or pa pl ps pt ro ru se si sk sl smn ' +
    'sq sr sr_Latn sv sw ta te th to tr ug uk ur vi wae yi yo zh zh_Hant zu'
  ).split(' '),
);

/** What ICU calls the variants of a locale's collation, and what `Intl` calls them. */
const variants: Readonly<Record<string, string>> = {
  compat: 'compat',
  dictionary: 'dict',
  eor: 'eor',
  phonebook: 'phonebk',
  phonetic: 'phonetic',
  pinyin: 'pinyin',
  stroke: 'stroke',
  traditional: 'trad',
  unihan: 'unihan',
  zhuyin: 'zhuyin',
};

const icuVersion = '57.1';

interface Field {
  readonly type: 'string' | 'bool' | 'int';
  readonly values?: readonly (string | number)[];
}

const fields: ReadonlyMap<string, Field> = new Map<string, Field>([
  ['locale', { type: 'string' }],
  ['caseLevel', { type: 'bool' }],
  ['caseFirst', { type: 'string', values: ['upper', 'lower', 'off'] }],
  ['strength', { type: 'int', values: [1, 2, 3, 4, 5] }],
  ['numericOrdering', { type: 'bool' }],
  ['alternate', { type: 'string', values: ['non-ignorable', 'shifted'] }],
  ['maxVariable', { type: 'string', values: ['punct', 'space'] }],
  ['normalization', { type: 'bool' }],
  ['backwards', { type: 'bool' }],
  ['version', { type: 'string' }],
]);

const compiled = new Map<string, Collator | undefined>();
const mostCompiled = 100;

/**
 * The collator that a `collation` asks for; nothing for `{ locale: 'simple' }`.
 *
 * @throws {ServerError} 14, 40414, 40415 and 2 for what is malformed, 161 for another version of ICU, 238 for what `Intl` cannot do
 */
export function compileCollation(given: BsonDocument): Collator | undefined {
  const text = showValue(given);
  if (compiled.has(text)) return compiled.get(text);
  checkFields(given);
  const collator = given.get('locale') === 'simple' ? simple(given) : makeCollator(given);
  if (compiled.size >= mostCompiled) compiled.clear();
  compiled.set(text, collator);
  return collator;
}

/** What a command's `collation` argument asks for; `otherwise` when it has none. */
export function collationArgument(
  argument: BsonValue,
  otherwise: Collator | undefined,
): Collator | undefined {
  if (argument === undefined || argument === null) return otherwise;
  if (!isDocument(argument)) throw wrongType('collation', argument, 'object');
  return argument.size === 0 ? otherwise : compileCollation(argument);
}

function checkFields(given: BsonDocument): void {
  for (const [name, value] of given) {
    const field = fields.get(name);
    if (field === undefined) {
      throw new ServerError(40415, `BSON field 'collation.${name}' is an unknown field.`);
    }
    const fits = field.type === 'int' ? isNumber(value) : typeName(value) === field.type;
    if (!fits) throw wrongType(`collation.${name}`, value, field.type);
    const plain = isNumber(value) ? toDouble(value) : (value as string | boolean);
    if (field.values !== undefined && !field.values.includes(plain as string | number)) {
      throw new ServerError(
        2,
        `Enumeration value '${plain}' for field 'collation.${name}' is not a valid value.`,
      );
    }
  }
  if (!given.has('locale')) {
    throw new ServerError(40414, "BSON field 'collation.locale' is missing but a required field");
  }
  const version = given.get('version');
  if (version !== undefined && version !== icuVersion) {
    throw new ServerError(
      161,
      `Requested collation version ${String(version)} but the only available collator version was ${icuVersion}. Requested collation spec: ${showValue(given)}`,
    );
  }
}

function wrongType(name: string, value: BsonValue, wanted: string): ServerError {
  return new ServerError(
    14,
    `BSON field '${name}' is the wrong type '${typeName(value)}', expected type '${wanted}'`,
  );
}

function simple(given: BsonDocument): undefined {
  if (given.size === 1) return undefined;
  throw new ServerError(
    9,
    `If locale=simple, no other fields should be present in: ${showValue(given)}`,
  );
}

function makeCollator(given: BsonDocument): Collator {
  const locale = String(given.get('locale'));
  const tag = languageTag(locale, given);
  const own = new Intl.Collator(tag).resolvedOptions();
  const flag = (name: string, otherwise: boolean): boolean =>
    (given.get(name) as boolean | undefined) ?? otherwise;
  const text = (name: string, otherwise: string): string =>
    (given.get(name) as string | undefined) ?? otherwise;
  const backwards = locale === 'fr_CA';
  const options: CollationOptions = {
    caseLevel: flag('caseLevel', false),
    caseFirst: text('caseFirst', own.caseFirst === 'false' ? 'off' : own.caseFirst),
    strength: Number(given.get('strength') ?? 3),
    numericOrdering: flag('numericOrdering', false),
    alternate: text('alternate', own.ignorePunctuation ? 'shifted' : 'non-ignorable'),
    maxVariable: text('maxVariable', 'punct'),
    normalization: flag('normalization', false),
    backwards: flag('backwards', backwards),
  };
  checkOptions(options, given);
  if (options.backwards !== backwards) throw notThere(`backwards: ${options.backwards}`);
  const specification: BsonDocument = new Map<string, BsonValue>([
    ['locale', locale],
    ...Object.entries(options),
    ['version', icuVersion],
  ]);
  return new Collator(specification, comparison(tag, options));
}

interface CollationOptions {
  readonly caseLevel: boolean;
  readonly caseFirst: string;
  readonly strength: number;
  readonly numericOrdering: boolean;
  readonly alternate: string;
  readonly maxVariable: string;
  readonly normalization: boolean;
  readonly backwards: boolean;
}

function checkOptions(options: CollationOptions, given: BsonDocument): void {
  const { strength, caseLevel } = options;
  if (options.backwards && strength === 1) {
    throw new ServerError(2, `'backwards' is invalid with 'strength' of 1 in: ${showValue(given)}`);
  }
  if (options.caseFirst !== 'off' && !caseLevel && strength < 3) {
    throw new ServerError(
      2,
      `'caseFirst' is invalid unless 'caseLevel' is on or 'strength' is greater than 2 in: ${showValue(given)}`,
    );
  }
  if (strength > 3) throw notThere(`strength: ${strength}`);
  if (options.maxVariable === 'space' && options.alternate === 'shifted') {
    throw notThere("maxVariable: 'space'");
  }
}

function notThere(option: string): ServerError {
  return new ServerError(238, `a collation with ${option} is not supported`);
}

/** The tag that `Intl` knows a locale and its variant by. */
function languageTag(locale: string, given: BsonDocument): string {
  const [name = '', variant] = locale.split('@collation=');
  if (name === 'en_US_POSIX') throw notThere("locale: 'en_US_POSIX'");
  if (!locales.has(name)) {
    const shorter = name.split(/[_@-]/)[0] ?? '';
    const hint = locales.has(shorter) ? `. Did you mean '${shorter}'?` : '';
    throw new ServerError(2, `Field 'locale' is invalid in: ${showValue(given)}${hint}`);
  }
  const tag = name.replaceAll('_', '-');
  const isOwn =
    variant === 'standard' ||
    (name === 'zh' && variant === 'pinyin') ||
    (name === 'zh_Hant' && variant === 'stroke');
  if (variant === undefined || isOwn) return tag;
  const short = variants[variant];
  const whole = `${tag}-u-co-${short}`;
  if (short === undefined || new Intl.Collator(whole).resolvedOptions().collation !== short) {
    throw notThere(`locale: '${locale}'`);
  }
  return whole;
}

/** Level by level, as far as the strength goes: ICU's levels are `Intl`'s sensitivities. */
function comparison(
  tag: string,
  { caseLevel, caseFirst, strength, numericOrdering, alternate }: CollationOptions,
): (a: string, b: string) => number {
  const level = (sensitivity: Intl.CollatorOptions['sensitivity']) =>
    new Intl.Collator(tag, {
      sensitivity,
      numeric: numericOrdering,
      caseFirst: caseFirst === 'off' ? 'false' : (caseFirst as 'upper' | 'lower'),
      ignorePunctuation: alternate === 'shifted',
    }).compare;
  if (strength === 1) return level(caseLevel ? 'case' : 'base');
  if (!caseLevel) return level(strength === 2 ? 'accent' : 'variant');
  const accents = level('accent');
  const cases = level('case');
  if (strength === 2) return (a, b) => accents(a, b) || cases(a, b);
  const all = level('variant');
  return (a, b) => accents(a, b) || cases(a, b) || all(a, b);
}
