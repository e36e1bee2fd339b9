/** `$dateFromString`. */
import type { BsonValue } from '../bson-document.ts';
import { ServerError } from '../server-error.ts';
import { type Context, constantValue, isConstant, type Operators } from './context.ts';
import { checkReadingFormat, readDate, readDateAs } from './date-reading.ts';
import { compileDateToString } from './date-text.ts';
import { type Evaluator, type ExpressionValue, isNullish, nameOf } from './evaluator.ts';
import { namedOperands, optionalOperand } from './operands.ts';
import { timeZoneOperand } from './time-zone.ts';

export const dateTextOperators: Operators = {
  $dateFromString: compileDateFromString,
  $dateToString: compileDateToString,
};

function compileDateFromString(operand: BsonValue, context: Context): Evaluator {
  const named = namedOperands('$dateFromString', operand, {
    object: 40540,
    unknown: 40541,
    required: { dateString: 40542 },
    optional: ['format', 'timezone', 'onNull', 'onError'],
  });
  const input = context.compile(named.get('dateString'));
  const format = optionalOperand(named, 'format', context);
  if (format !== undefined && isConstant(format)) checkFormat(constantValue(format));
  const zone = timeZoneOperand(named, context);
  const onNull = optionalOperand(named, 'onNull', context);
  const onError = optionalOperand(named, 'onError', context);
  return (scope) => {
    const text = input(scope);
    const written = format?.(scope);
    if (format !== undefined) checkFormat(written);
    const where = zone(scope);
    if (isNullish(text)) return onNull === undefined ? null : onNull(scope);
    try {
      if (typeof text !== 'string') {
        throw new ServerError(
          241,
          `$dateFromString requires that 'dateString' be a string, found: ${nameOf(text)}`,
        );
      }
      if (where === undefined) return null;
      if (format === undefined) return readDate(text, where);
      return typeof written === 'string' ? readDateAs(text, written, where) : null;
    } catch (error) {
      if (onError === undefined || !isConversionFailure(error)) throw error;
      return onError(scope);
    }
  };
}

function checkFormat(format: ExpressionValue): void {
  if (isNullish(format)) return;
  if (typeof format !== 'string') {
    throw new ServerError(
      40684,
      `$dateFromString requires that 'format' be a string, found: ${nameOf(format)}`,
    );
  }
  checkReadingFormat(format);
}

/** True for the error that `onError` stands in for. */
export function isConversionFailure(error: unknown): boolean {
  return error instanceof ServerError && error.code === 241;
}
