/** The stages that let documents through or not: `$match`, `$limit`, `$skip`, `$sample`, `$count`. */
import type { BsonDocument, BsonValue } from '../bson-document.ts';
import { compareNumbers, isNumber, toDouble } from '../bson-order.ts';
import type { ExpressionScope, VariableScope } from '../expression.ts';
import { compileQuery } from '../matcher.ts';
import { type Flow, pause } from '../pause.ts';
import { ServerError } from '../server-error.ts';
import { documentOperand, type StageRun } from './stage.ts';

export function compileMatch(operand: BsonValue, { variables }: VariableScope): StageRun {
  const query = documentOperand(
    '$match',
    operand,
    15959,
    'the match filter must be an expression in an object',
  );
  let known: ExpressionScope = { now: new Date(0), variables };
  let test = compileQuery(query, known);
  const testIn = (scope: ExpressionScope): typeof test => {
    // A change stream runs the stage for one event after the other, always in the same scope.
    if (scope !== known) test = compileQuery(query, scope);
    known = scope;
    return test;
  };
  return function* (documents, scope) {
    const isMatch = testIn(scope);
    for (const document of documents) if (document === pause || isMatch(document)) yield document;
  };
}

/** The number of `$limit`: a whole one above 0. */
export function limitOperand(operand: BsonValue): number {
  const number = nonNegative('$limit', operand, 5107201);
  if (number === 0) throw new ServerError(15958, 'the limit must be positive');
  return number;
}

/** The number of `$skip`: a whole one from 0 on. */
export function skipOperand(operand: BsonValue): number {
  return nonNegative('$skip', operand, 5107200);
}

function nonNegative(stage: string, operand: BsonValue, code: number): number {
  const number = isNumber(operand) ? toDouble(operand) : Number.NaN;
  const isLong = isNumber(operand) && compareNumbers(operand, 1n << 63n) < 0;
  if (Number.isInteger(number) && number >= 0 && isLong) return number;
  throw new ServerError(
    code,
    `invalid argument to ${stage} stage: Expected a non-negative whole number in: ${stage}: ${String(operand)}`,
  );
}

export function compileLimit(operand: BsonValue): StageRun {
  const most = limitOperand(operand);
  return function* (documents) {
    let left = most;
    for (const document of documents) {
      yield document;
      if (document !== pause) left -= 1;
      if (left === 0) return;
    }
  };
}

export function compileSkip(operand: BsonValue): StageRun {
  const first = skipOperand(operand);
  return function* (documents) {
    let left = first;
    for (const document of documents) {
      if (left === 0 || document === pause) yield document;
      else left -= 1;
    }
  };
}

export function compileSample(operand: BsonValue): StageRun {
  const spec = documentOperand(
    '$sample',
    operand,
    28745,
    'the $sample stage specification must be an object',
  );
  for (const [name, value] of spec) {
    if (name !== 'size') throw new ServerError(28748, `unrecognized option to $sample: ${name}`);
    if (!isNumber(value)) throw new ServerError(28746, 'size argument to $sample must be a number');
    if (!(Math.trunc(toDouble(value)) > 0)) {
      throw new ServerError(28747, 'size argument to $sample must be a positive integer');
    }
  }
  if (!spec.has('size')) throw new ServerError(28749, '$sample stage must specify a size');
  const size = Math.trunc(toDouble(spec.get('size') as number));
  return function* (documents) {
    yield* yield* drawn(documents, size);
  };
}

/** So many of the documents, each with the same chance, in random order. */
function* drawn(
  documents: Flow<BsonDocument>,
  size: number,
): Generator<typeof pause, BsonDocument[]> {
  const kept: BsonDocument[] = [];
  let seen = 0;
  for (const document of documents) {
    if (document === pause) {
      yield pause;
      continue;
    }
    seen += 1;
    const place = Math.floor(Math.random() * seen);
    if (kept.length < size) {
      const moved = kept[place];
      kept.push(moved ?? document);
      if (moved !== undefined) kept[place] = document;
    } else if (place < size) kept[place] = document;
  }
  return kept;
}

export function compileCount(operand: BsonValue): StageRun {
  if (typeof operand !== 'string') {
    throw new ServerError(40156, 'the count field must be a non-empty string');
  }
  if (operand === '') throw new ServerError(40157, 'the count field must be a non-empty string');
  if (operand.startsWith('$')) {
    throw new ServerError(40158, 'the count field cannot be a $-prefixed path');
  }
  if (operand.includes('\0')) {
    throw new ServerError(40159, 'the count field cannot contain a null byte');
  }
  if (operand.includes('.')) throw new ServerError(40160, "the count field cannot contain '.'");
  if (operand === '_id') throw new ServerError(15948, "a group's _id may only be specified once");
  return function* (documents) {
    let total = 0;
    for (const document of documents) {
      if (document === pause) yield pause;
      else total += 1;
    }
    if (total > 0) yield new Map([[operand, total]]);
  };
}
