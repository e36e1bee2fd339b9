/** `$regexFind`, `$regexFindAll`, `$regexMatch`. */
import { BSONRegExp } from 'bson';
import type { BsonDocument, BsonValue } from '../bson-document.ts';
import { Regex, type RegexMatch } from '../regex/regex.ts';
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
import { codePoints } from './text.ts';

export const regexOperators: Operators = {
  $regexMatch: regex('$regexMatch', false, (pattern, text) => pattern.test(text)),
  $regexFind: regex('$regexFind', null, (pattern, text) => {
    const found = pattern.find(text);
    return found === undefined ? null : matchDocument(found, text);
  }),
  $regexFindAll: regex('$regexFindAll', [], findAll),
};

function regex(
  name: string,
  nothing: BsonValue,
  apply: (pattern: Regex, text: string) => BsonValue,
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
): Regex | undefined {
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
  // The flags are checked where there is no pattern too.
  const compiled = boundedPattern(name, typeof given === 'string' ? given : '', flags);
  return typeof given === 'string' ? compiled : undefined;
}

/** The pattern, whose errors have codes of their own in expressions. */
function boundedPattern(name: string, pattern: string, flags: string): Regex {
  try {
    return new Regex(pattern, flags);
  } catch (error) {
    if (!(error instanceof ServerError) || error.code !== 51091) throw error;
    throw new ServerError(51111, `Invalid Regex in ${name}: ${error.message}`);
  }
}

function matchDocument(
  { begin, end, groups }: RegexMatch,
  text: string,
  index = codePoints(text.slice(0, begin)),
): BsonDocument {
  return new Map<string, BsonValue>([
    ['match', text.slice(begin, end)],
    ['idx', index],
    ['captures', groups.map((group) => group ?? null)],
  ]);
}

const mostBytes = 64 * 1024 * 1024;
/** About what a match takes beside the texts in it. */
const bytesPerMatch = 128;

/**
 * Matches that do not overlap; behind an empty one it goes on with the next character. Throws 51151
 * when they take more than 64 MiB.
 */
function findAll(pattern: Regex, text: string): BsonValue {
  const all: BsonDocument[] = [];
  let bytes = 0;
  let at = 0;
  let last = 0;
  let index = 0;
  do {
    const found = pattern.find(text, at);
    if (found === undefined) break;
    index += codePoints(text.slice(last, found.begin));
    last = found.begin;
    all.push(matchDocument(found, text, index));
    bytes += bytesPerMatch + found.end - found.begin;
    for (const group of found.groups) bytes += group?.length ?? 0;
    if (bytes > mostBytes) {
      throw new ServerError(
        51151,
        '$regexFindAll: the size of buffer to store output exceeded the 64MB limit',
      );
    }
    at = found.end;
    if (found.begin === found.end) at += (text.codePointAt(at) ?? 0) > 0xffff ? 2 : 1;
  } while (at < text.length);
  return all;
}
