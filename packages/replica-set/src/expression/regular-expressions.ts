/** `$regexFind`, `$regexFindAll`, `$regexMatch`. */
import { BSONRegExp } from 'bson';
import type { BsonDocument, BsonValue } from '../bson-document.ts';
import { ServerError } from '../server-error.ts';
import {
  type Context,
  constantValue,
  isConstant,
  type Operator,
  type Operators,
} from './context.ts';
import { type ExpressionValue, isNullish } from './evaluator.ts';
import { namedOperands, optionalOperand } from './operands.ts';

export const regexOperators: Operators = {
  $regexMatch: regex('$regexMatch', false, (pattern, text) => pattern.test(text)),
  $regexFind: regex('$regexFind', null, (pattern, text) => {
    const found = pattern.exec(text);
    return found === null ? null : matchDocument(found, text);
  }),
  $regexFindAll: regex('$regexFindAll', [], findAll),
};

function regex(
  name: string,
  nothing: BsonValue,
  apply: (pattern: RegExp, text: string) => BsonValue,
): Operator {
  return (operand, context: Context) => {
    const named = namedOperands(name, operand, {
      object: 51103,
      unknown: 31024,
      required: { input: 31022, regex: 31023 },
      optional: ['options'],
    });
    const input = context.compile(named.get('input'));
    const pattern = context.compile(named.get('regex'));
    const options = optionalOperand(named, 'options', context);
    const fixed =
      isConstant(pattern) && (options === undefined || isConstant(options))
        ? {
            pattern: compilePattern(
              name,
              constantValue(pattern),
              options && constantValue(options),
            ),
          }
        : undefined;
    return (scope) => {
      const text = input(scope);
      const compiled = fixed?.pattern ?? compilePattern(name, pattern(scope), options?.(scope));
      if (!isNullish(text) && typeof text !== 'string') {
        throw new ServerError(51104, `${name} needs 'input' to be of type string`);
      }
      return typeof text === 'string' && compiled !== undefined ? apply(compiled, text) : nothing;
    };
  };
}

/** The pattern and its options, checked and compiled; nothing when there is no pattern. */
function compilePattern(
  name: string,
  pattern: ExpressionValue,
  options: ExpressionValue,
): RegExp | undefined {
  const given = pattern instanceof BSONRegExp ? pattern.pattern : pattern;
  if (!isNullish(given) && typeof given !== 'string') {
    throw new ServerError(51105, `${name} needs 'regex' to be of type string or regex`);
  }
  if (!isNullish(options) && typeof options !== 'string') {
    throw new ServerError(51106, `${name} needs 'options' to be of type string`);
  }
  const own = pattern instanceof BSONRegExp ? pattern.options : '';
  if (own !== '' && !isNullish(options)) {
    throw new ServerError(
      51107,
      `${name}: found regex option(s) specified in both 'regex' and 'option' fields`,
    );
  }
  const flags = isNullish(options) ? own : String(options);
  if (typeof given === 'string' && given.includes('\0')) {
    throw new ServerError(
      51109,
      `${name}: regular expression cannot contain an embedded null byte`,
    );
  }
  if (flags.includes('\0')) {
    throw new ServerError(
      51110,
      `${name}: regular expression options cannot contain an embedded null byte`,
    );
  }
  if (/[^imsxu]/.test(flags)) {
    throw new ServerError(51108, `${name} invalid flag in regex options: ${flags}`);
  }
  return typeof given === 'string' ? nativePattern(name, given, flags) : undefined;
}

function nativePattern(name: string, pattern: string, flags: string): RegExp {
  const text = flags.includes('x')
    ? pattern.replace(/\\.|\[(?:\\.|[^\]])*\]|\s+|#.*/g, (part) =>
        /^[\s#]/.test(part) ? '' : part,
      )
    : pattern;
  try {
    return new RegExp(text, `u${flags.replace(/[xu]/g, '')}`);
  } catch (error) {
    throw new ServerError(51111, `Invalid Regex in ${name}: ${(error as Error).message}`);
  }
}

function matchDocument(found: RegExpExecArray, text: string): BsonDocument {
  const [match, ...captures] = found;
  return new Map<string, BsonValue>([
    ['match', match],
    ['idx', Array.from(text.slice(0, found.index)).length],
    ['captures', captures.map((capture: string | undefined) => capture ?? null)],
  ]);
}

/** Matches that do not overlap; one at the very end of a text, empty, counts only in the empty text. */
function findAll(pattern: RegExp, text: string): BsonValue {
  const every = new RegExp(pattern.source, `${pattern.flags}g`);
  return Array.from(text.matchAll(every))
    .filter(({ 0: match, index }) => match !== '' || index < text.length || text === '')
    .map((found) => matchDocument(found, text));
}
