/** Queries compiled to predicates. What is not here is refused by name. */
import { type BsonDocument, type BsonValue, isDocument } from './bson-document.ts';
import { isNumber, toDouble } from './bson-order.ts';
import { compileExpression, type ExpressionScope, isTruthy } from './expression.ts';
import { compileJsonSchema } from './json-schema/schema.ts';
import { equalTo } from './matching/comparison.ts';
import { all, leaf, onField, type Predicate } from './matching/condition.ts';
import { type Context, conditionsOf, type Grammar } from './matching/field-operators.ts';
import { ServerError } from './server-error.ts';

export type { MatchDetails, Predicate } from './matching/condition.ts';
export { hasOperators } from './matching/field-operators.ts';

/**
 * Compiles a query; it is checked before any document is read. `plain` forbids what looks at more
 * than fields (224).
 *
 * @throws {ServerError} 2 or 9 for what is unknown or malformed, with the codes of expressions and schemas besides
 */
export function compileQuery(
  query: BsonDocument,
  scope: ExpressionScope,
  { plain = false }: { readonly plain?: boolean } = {},
): Predicate {
  return compileDocument(query, { scope, special: !plain, inElement: false, grammar });
}

function compileDocument(query: BsonDocument, context: Context): Predicate {
  const tests: Predicate[] = [];
  for (const [name, value] of query) {
    if (!name.startsWith('$')) {
      tests.push(onField(name, all(conditionsOf(name, value, context))));
      continue;
    }
    const compile = clauses.get(name);
    if (compile === undefined) {
      throw new ServerError(
        2,
        `unknown top level operator: ${name}. If you have a field name that starts with a '$' symbol, consider using $getField or $setField.`,
      );
    }
    const test = compile(value, context, name);
    if (test !== undefined) tests.push(test);
  }
  return every(tests);
}

function every(tests: readonly Predicate[]): Predicate {
  const [first, second, third] = tests;
  if (first === undefined) return () => true;
  if (second === undefined) return first;
  if (third === undefined) {
    return (document, details) => first(document, details) && second(document, details);
  }
  return (document, details) => {
    for (const test of tests) if (!test(document, details)) return false;
    return true;
  };
}

type Clause = (value: BsonValue, context: Context, name: string) => Predicate | undefined;

/** The operators that stand beside fields. */
const clauses: ReadonlyMap<string, Clause> = new Map<string, Clause>([
  ['$and', (value, context, name) => every(branches(name, value, context))],
  [
    '$or',
    (value, context, name) => {
      const tests = branches(name, value, context);
      return (document) => {
        for (const test of tests) if (test(document)) return true;
        return false;
      };
    },
  ],
  [
    '$nor',
    (value, context, name) => {
      const tests = branches(name, value, context);
      return (document) => {
        for (const test of tests) if (test(document)) return false;
        return true;
      };
    },
  ],
  ['$expr', compileExpr],
  [
    '$jsonSchema',
    (value, { special }) => {
      if (!special) throw notAllowedHere('$jsonSchema');
      if (!isDocument(value)) throw new ServerError(14, '$jsonSchema must be an object');
      const schema = compileJsonSchema(value);
      return (document) => schema.passes(document);
    },
  ],
  ['$comment', () => undefined],
  ['$sampleRate', compileSampleRate],
  ['$alwaysTrue', (value, _context, name) => constant(name, value, true)],
  ['$alwaysFalse', (value, _context, name) => constant(name, value, false)],
  ['$where', refuseWhere],
  ['$text', refuseText],
  // The fields of a DBRef; its names compare by their bytes.
  ['$ref', (value) => onField('$ref', leaf(equalTo(value)))],
  ['$id', (value, { scope }) => onField('$id', leaf(equalTo(value, scope.collator)))],
  ['$db', (value) => onField('$db', leaf(equalTo(value)))],
]);

function branches(name: string, value: BsonValue, context: Context): Predicate[] {
  if (!Array.isArray(value)) throw new ServerError(2, `${name} must be an array`);
  if (value.length === 0) throw new ServerError(2, '$and/$or/$nor must be a nonempty array');
  return value.map((branch) => {
    if (isDocument(branch)) return compileDocument(branch, context);
    throw new ServerError(2, '$or/$and/$nor entries need to be full objects');
  });
}

function notAllowedHere(name: string): ServerError {
  return new ServerError(224, `${name} is not allowed in this context`);
}

function compileExpr(value: BsonValue, { scope, special, inElement }: Context): Predicate {
  if (inElement) throw new ServerError(2, '$expr can only be applied to the top-level document');
  if (!special) throw notAllowedHere('$expr');
  const evaluate = compileExpression(value, scope);
  return (document) => isTruthy(evaluate({ ...scope, root: document }));
}

function compileSampleRate(value: BsonValue): Predicate {
  if (!isNumber(value)) {
    throw new ServerError(2, 'argument to $sampleRate must be a numeric type');
  }
  const rate = toDouble(value);
  if (!(rate >= 0 && rate <= 1)) {
    throw new ServerError(2, 'numeric argument to $sampleRate must be in [0, 1]');
  }
  return () => Math.random() < rate;
}

function constant(name: string, value: BsonValue, holds: boolean): Predicate {
  if (isNumber(value) && toDouble(value) === 1) return () => holds;
  throw new ServerError(9, `${name} must be an integer value of 1`);
}

function refuseWhere(_value: BsonValue, { special }: Context): never {
  if (!special) throw new ServerError(2, '$where is not allowed in this context');
  throw new ServerError(2, 'no globalScriptEngine in $where parsing: there is no JavaScript here');
}

function refuseText(_value: BsonValue, { special, inElement }: Context): never {
  if (inElement) throw new ServerError(2, '$text can only be applied to the top-level document');
  if (!special) throw new ServerError(2, '$text is not allowed in this context');
  throw new ServerError(27, 'text index required for $text query');
}

const grammar: Grammar = { compile: compileDocument, isClause: (name) => clauses.has(name) };
