/** The operators that stand inside of a field's condition: `{ a: { $gt: 1 } }`. */
import { BSONRegExp, BSONSymbol } from 'bson';
import { type BsonDocument, type BsonValue, isDocument } from '../bson-document.ts';
import { hasType, typeSetOf } from '../bson-type.ts';
import { type ExpressionScope, isTruthy } from '../expression.ts';
import { Regex } from '../regex/regex.ts';
import { ServerError } from '../server-error.ts';
import { equalTo, oneOf, ordered, refuseRegex } from './comparison.ts';
import {
  absent,
  all,
  arrayCondition,
  type Condition,
  leaf,
  type Met,
  not,
  type Predicate,
  type ValueTest,
} from './condition.ts';
import { bits, modulo, ofSize } from './number-tests.ts';

/** Where a query stands: some operators are for some places only. */
export interface Context {
  readonly scope: ExpressionScope;
  /** False inside of `$pull` and array filters: no `$expr`, `$jsonSchema`, `$text`, `$near`, `$where`. */
  readonly special: boolean;
  /** True for elements of arrays, which have no document around them. */
  readonly inElement: boolean;
  /** How whole queries are compiled, which `$elemMatch` has inside. */
  readonly grammar: Grammar;
}

export interface Grammar {
  compile(query: BsonDocument, context: Context): Predicate;
  /** True for the operators that stand beside fields, as `$or` does. */
  isClause(name: string): boolean;
}

/** True for `{ $gt: 1, … }`, the form that holds operators rather than a value to equal. */
export function hasOperators(value: BsonValue): value is BsonDocument {
  if (!isDocument(value)) return false;
  const [first] = value.keys();
  return first?.startsWith('$') === true && !(value.has('$ref') && value.has('$id'));
}

/** What a field has to be: a value to equal, an expression to match, or operators. */
export function conditionsOf(name: string, value: BsonValue, context: Context): Condition[] {
  if (hasOperators(value)) return operatorsOf(name, value, context);
  if (value instanceof BSONRegExp) return [leaf(regexTest(value.pattern, value.options))];
  return [leaf(equalTo(value, context.scope.collator))];
}

function operatorsOf(name: string, operators: BsonDocument, context: Context): Condition[] {
  const [first] = operators.keys();
  if (first !== undefined && nearOperators.has(first)) refuseNear(context);
  return [...operators].flatMap(([operator, operand]) => {
    const compile = fieldOperators.get(operator);
    if (compile === undefined) throw unknownOperator(operator, operators);
    return compile(operand, context, { operators, operator, name }) ?? [];
  });
}

const nearOperators = new Set(['$near', '$nearSphere', '$geoNear']);

function refuseNear({ special }: Context): never {
  if (!special) {
    throw new ServerError(2, '$geoNear, $near, and $nearSphere are not allowed in this context');
  }
  throw new ServerError(
    291,
    'error processing query: planner returned error :: caused by :: unable to find index for $geoNear query',
  );
}

function unknownOperator(operator: string, operators: BsonDocument): ServerError {
  if (operator === '$where') return new ServerError(2, '$where cannot be applied to a field');
  if (nearOperators.has(operator)) {
    return new ServerError(2, `near must be first in: ${[...operators.keys()].join(', ')}`);
  }
  return new ServerError(2, `unknown operator: ${operator}`);
}

/** The operators around one, its name, and the field that they are for. */
interface Place {
  readonly operators: BsonDocument;
  readonly operator: string;
  readonly name: string;
}

type FieldOperator = (operand: BsonValue, context: Context, place: Place) => Condition | undefined;

const fieldOperators: ReadonlyMap<string, FieldOperator> = new Map<string, FieldOperator>([
  ['$eq', (operand, { scope }) => leaf(equalTo(operand, scope.collator))],
  [
    '$ne',
    (operand, { scope }) => {
      refuseRegex(operand, "Can't have regex as arg to $ne.");
      return not(leaf(equalTo(operand, scope.collator)));
    },
  ],
  ['$gt', comparison('$gt')],
  ['$gte', comparison('$gte')],
  ['$lt', comparison('$lt')],
  ['$lte', comparison('$lte')],
  ['$in', (operand, context) => inList('$in', operand, context)],
  ['$nin', (operand, context) => not(inList('$nin', operand, context))],
  [
    '$exists',
    (operand) => {
      const wanted = isTruthy(operand);
      const exists = leaf((value) => value !== absent);
      return wanted ? exists : not(exists);
    },
  ],
  [
    '$type',
    (operand) => {
      const types = typeSetOf(operand, '$type');
      return leaf((value) => value !== absent && hasType(types, value));
    },
  ],
  ['$not', negation],
  ['$regex', (_operand, _context, { operators }) => regexOf(operators)],
  [
    '$options',
    (_operand, _context, { operators }) => {
      if (!operators.has('$regex')) throw new ServerError(2, '$options needs a $regex');
      return undefined;
    },
  ],
  ['$mod', (operand) => leaf(modulo(operand))],
  ['$size', (operand) => leaf(ofSize(operand), false)],
  ['$all', allOf],
  ['$elemMatch', elementMatches],
  ['$comment', () => undefined],
  ['$bitsAllSet', bitTest],
  ['$bitsAnySet', bitTest],
  ['$bitsAllClear', bitTest],
  ['$bitsAnyClear', bitTest],
  ['$geoWithin', refuseGeo],
  ['$geoIntersects', refuseGeo],
  ['$within', refuseGeo],
]);

function bitTest(operand: BsonValue, _context: Context, { operator }: Place): Condition {
  return leaf(bits(operator, operand));
}

function refuseGeo(_operand: BsonValue, _context: Context, { operator }: Place): never {
  throw new ServerError(238, `the operator ${operator} is not there: no geometry is`);
}

function comparison(sign: '$gt' | '$gte' | '$lt' | '$lte'): FieldOperator {
  return (operand, { scope }, { name }) => {
    refuseRegex(operand, `Can't have RegEx as arg to predicate over field '${name}'.`);
    return leaf(ordered(sign, operand, scope.collator));
  };
}

function inList(operator: string, operand: BsonValue, { scope }: Context): Condition {
  if (!Array.isArray(operand)) throw new ServerError(2, `${operator} needs an array`);
  if (operand.some(hasOperators)) throw new ServerError(2, 'cannot nest $ under $in');
  const regexes = operand.filter((item) => item instanceof BSONRegExp);
  const values = operand.filter((item) => !(item instanceof BSONRegExp));
  const listed = oneOf(values, scope.collator);
  if (regexes.length === 0) return leaf(listed);
  const tests = regexes.map(({ pattern, options }) => regexTest(pattern, options));
  return leaf((value) => listed(value) || tests.some((test) => test(value)));
}

function negation(operand: BsonValue, context: Context, { name }: Place): Condition {
  if (operand instanceof BSONRegExp) {
    return not(leaf(regexTest(operand.pattern, operand.options)));
  }
  if (!isDocument(operand)) throw new ServerError(2, '$not needs a regex or a document');
  if (operand.size === 0) throw new ServerError(2, '$not cannot be empty');
  return not(all(operatorsOf(name, operand, context)));
}

function regexOf(operators: BsonDocument): Condition {
  const pattern = operators.get('$regex');
  const options = operators.get('$options');
  if (typeof pattern !== 'string' && !(pattern instanceof BSONRegExp)) {
    throw new ServerError(2, '$regex has to be a string');
  }
  if (operators.has('$options') && typeof options !== 'string') {
    throw new ServerError(2, '$options has to be a string');
  }
  if (typeof pattern === 'string') return leaf(regexTest(pattern, String(options ?? '')));
  if (pattern.options !== '' && typeof options === 'string' && options !== '') {
    const [first] = [...operators.keys()].filter((name) => /^\$(regex|options)$/.test(name));
    throw new ServerError(
      first === '$regex' ? 51075 : 51074,
      'options set in both $regex and $options',
    );
  }
  return leaf(regexTest(pattern.pattern, pattern.options || String(options ?? '')));
}

/** Passes texts that the expression finds something in, and the same expression as a value. */
function regexTest(pattern: string, options: string): ValueTest {
  const regex = new Regex(pattern, options);
  return (value) => {
    if (typeof value === 'string') return regex.test(value);
    if (value instanceof BSONSymbol) return regex.test(value.value);
    return value instanceof BSONRegExp && value.pattern === pattern && value.options === options;
  };
}

function allOf(operand: BsonValue, context: Context, place: Place): Condition {
  if (!Array.isArray(operand)) throw new ServerError(2, '$all needs an array');
  if (operand.length === 0) return leaf(() => false);
  const [first] = operand;
  if (isDocument(first) && first.keys().next().value === '$elemMatch') {
    const conditions = operand.map((item) => {
      const [entry] = isDocument(item) ? item : [];
      if (entry?.[0] === '$elemMatch') return elementMatches(entry[1], context);
      throw new ServerError(2, '$all/$elemMatch has to be consistent');
    });
    return all(conditions);
  }
  return all(
    operand.map((item) => {
      const [name] = isDocument(item) ? item.keys() : [];
      if (name !== undefined && fieldOperators.has(name) && name !== '$not') {
        throw new ServerError(2, 'no $ expressions in $all');
      }
      if (isDocument(item)) return leaf(equalTo(item, context.scope.collator));
      return all(conditionsOf(place.name, item, context));
    }),
  );
}

function elementMatches(operand: BsonValue, context: Context): Condition {
  if (!isDocument(operand)) throw new ServerError(2, '$elemMatch needs an Object');
  const test = elementTest(operand, { ...context, inElement: true });
  return arrayCondition((array) => array.findIndex((item) => test(item)));
}

/** By operators on the element itself, or as a query on the document, or array, that it is. */
function elementTest(operand: BsonDocument, context: Context): ValueTest {
  const [first] = operand.keys();
  const onValue = first?.startsWith('$') === true && !context.grammar.isClause(first);
  if (onValue) return all(operatorsOf('', operand, context)).element;
  if (operand.has('$where')) {
    throw new ServerError(2, '$elemMatch cannot contain $where expression');
  }
  const predicate = context.grammar.compile(operand, context);
  return (value) => {
    const document = asDocument(value);
    return document !== undefined && predicate(document);
  };
}

function asDocument(value: Met): BsonDocument | undefined {
  if (value === absent) return undefined;
  if (isDocument(value)) return value;
  if (!Array.isArray(value)) return undefined;
  return new Map(value.map((item, index) => [String(index), item]));
}
