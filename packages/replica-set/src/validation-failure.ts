/** Why a document does not pass a validator: the `details` of error 121, in MongoDB's shape. */
import { BSONRegExp } from 'bson';
import {
  type BsonDocument,
  type BsonValue,
  type EncodableDocument,
  isDocument,
} from './bson-document.ts';
import { typeName } from './bson-order.ts';
import { numberTypes } from './bson-type.ts';
import { compileExpression, type ExpressionScope, missing } from './expression.ts';
import { compileJsonSchema } from './json-schema/schema.ts';
import { compileQuery, hasOperators } from './matcher.ts';
import { absent, valuesMet } from './matching/condition.ts';
import { ServerError } from './server-error.ts';

/** What has happened that should not have: the query did not match, or, `inverted`, it did. */
interface Situation {
  readonly document: BsonDocument;
  readonly scope: ExpressionScope;
  readonly inverted: boolean;
}

/** The `details` for a document that the validator does not match. */
export function explainFailure(
  validator: BsonDocument,
  document: BsonDocument,
  scope: ExpressionScope,
): EncodableDocument {
  return explainAll(clausesOf(validator), { document, scope, inverted: false });
}

/** A part of a query that stands for itself: one field and one operator, or one operator alone. */
type Clause = readonly [name: string, value: BsonValue];

function clausesOf(query: BsonDocument): Clause[] {
  return [...query].flatMap(([name, value]): Clause[] => {
    if (name === '$comment') return [];
    if (name.startsWith('$') || !hasOperators(value)) return [[name, value]];
    return operatorClauses(name, value);
  });
}

function operatorClauses(name: string, operators: BsonDocument): Clause[] {
  return [...operators]
    .filter(([operator]) => operator !== '$comment' && operator !== '$options')
    .map(([operator, operand]): Clause => {
      const options = operator === '$regex' ? operators.get('$options') : undefined;
      const alone: BsonDocument = new Map([[operator, operand]]);
      return [name, options === undefined ? alone : alone.set('$options', options)];
    });
}

/** Several clauses stand under an `$and` that nobody has written. */
function explainAll(clauses: readonly Clause[], situation: Situation): EncodableDocument {
  const [only, other] = clauses;
  if (only !== undefined && other === undefined) return explainClause(only, situation);
  const parts = clauses.map((clause): BsonDocument => new Map([clause]));
  return explainBranches('$and', parts, situation);
}

function explainClause([name, value]: Clause, situation: Situation): EncodableDocument {
  switch (name) {
    case '$and':
    case '$or':
      return explainBranches(name, documentsOf(value), situation);
    case '$nor':
      return explainBranches(name, documentsOf(value), {
        ...situation,
        inverted: !situation.inverted,
      });
    case '$jsonSchema':
      return explainSchema(value, situation);
    case '$expr':
      return explainExpression(value, situation);
    case '$alwaysTrue':
    case '$alwaysFalse':
      return {
        operatorName: name,
        specifiedAs: { [name]: value },
        reason: `expression always evaluates to ${name === '$alwaysTrue'}`,
      };
    default:
      return explainField(name, value, situation);
  }
}

function documentsOf(value: BsonValue): BsonDocument[] {
  return Array.isArray(value) ? value.filter(isDocument) : [];
}

/** Those branches that are to blame, by their places. */
function explainBranches(
  name: string,
  branches: readonly BsonDocument[],
  situation: Situation,
): EncodableDocument {
  const { inverted, document, scope } = situation;
  const clauses = branches.flatMap((branch, index) =>
    holds(branch, document, scope) === inverted
      ? [{ index, details: explainAll(clausesOf(branch), situation) }]
      : [],
  );
  return {
    operatorName: name,
    [inverted ? 'clausesSatisfied' : 'clausesNotSatisfied']: clauses,
  };
}

function holds(query: BsonDocument, document: BsonDocument, scope: ExpressionScope): boolean {
  try {
    return compileQuery(query, scope)(document);
  } catch (error) {
    if (error instanceof ServerError) return false;
    throw error;
  }
}

function explainSchema(value: BsonValue, { document, inverted }: Situation): EncodableDocument {
  const operatorName = '$jsonSchema';
  if (inverted || !isDocument(value)) return { operatorName, reason: 'schema matched' };
  const schema = compileJsonSchema(value);
  return {
    operatorName,
    ...schema.annotations,
    schemaRulesNotSatisfied: schema.explain(document),
  };
}

function explainExpression(
  value: BsonValue,
  { document, scope, inverted }: Situation,
): EncodableDocument {
  const shown = { operatorName: '$expr', specifiedAs: { $expr: value } };
  try {
    const result = compileExpression(value, scope)({ ...scope, root: document });
    const reason = inverted ? 'expression did match' : 'expression did not match';
    return { ...shown, reason, ...(result !== missing && { expressionResult: result }) };
  } catch (error) {
    if (!(error instanceof ServerError)) throw error;
    const { code, codeName, message: errmsg } = error;
    const reason = 'failed to evaluate aggregation expression';
    return { ...shown, reason, details: { code, codeName, errmsg } };
  }
}

interface Reasons {
  /** Why the operator did not match, and why it did. */
  readonly reasons: readonly [failed: string, held: string];
  /** The types that it looks at. */
  readonly types?: readonly string[];
  /** True when an array counts as it is. */
  readonly whole?: boolean;
  /** True when the types of the values are told. */
  readonly tellsTypes?: boolean;
  /** True for the operators that say no themselves. */
  readonly negative?: boolean;
}

const compared = ['comparison failed', 'comparison succeeded'] as const;
const listed = ['no matching value found in array', 'matching value found in array'] as const;
const bitwise = {
  reasons: ['bitwise operator failed to match', 'bitwise operator matched successfully'],
  types: ['binData', ...numberTypes],
} as const;

const operators: Readonly<Record<string, Reasons>> = {
  $eq: { reasons: compared },
  $ne: { reasons: compared, negative: true },
  $gt: { reasons: compared },
  $gte: { reasons: compared },
  $lt: { reasons: compared },
  $lte: { reasons: compared },
  $in: { reasons: listed },
  $nin: { reasons: listed, negative: true },
  $exists: { reasons: ['path does not exist', 'path does exist'] },
  $type: { reasons: ['type did not match', 'type did match'], tellsTypes: true },
  $regex: {
    reasons: ['regular expression did not match', 'regular expression did match'],
    types: ['regex', 'string', 'symbol'],
  },
  $mod: {
    reasons: [
      '$mod did not evaluate to expected remainder',
      '$mod did evaluate to expected remainder',
    ],
    types: numberTypes,
  },
  $size: {
    reasons: ['array length was not equal to given size', 'array length was equal to given size'],
    types: ['array'],
    whole: true,
  },
  $all: {
    reasons: [
      'array did not contain all specified values',
      'array did contain all specified values',
    ],
    whole: true,
  },
  $elemMatch: {
    reasons: ['array did not satisfy the child predicate', 'array did satisfy the child predicate'],
    types: ['array'],
    whole: true,
  },
  $bitsAllSet: bitwise,
  $bitsAnySet: bitwise,
  $bitsAllClear: bitwise,
  $bitsAnyClear: bitwise,
};

function explainField(name: string, value: BsonValue, situation: Situation): EncodableDocument {
  const [operator = '$eq'] = hasOperators(value)
    ? value.keys()
    : [value instanceof BSONRegExp ? '$regex' : '$eq'];
  if (operator === '$not' && hasOperators(value)) {
    return explainNegation(name, value.get('$not'), situation);
  }
  const shown = { operatorName: operator, specifiedAs: { [name]: value } };
  const operand = hasOperators(value) ? value.get(operator) : value;
  const { reasons, types, whole, tellsTypes, negative } = operators[operator] ?? {
    reasons: compared,
  };
  const inverted = negative === true ? !situation.inverted : situation.inverted;
  if (operator === '$exists') {
    const wanted = compileQuery(new Map([['a', new Map([['$exists', operand]])]]), situation.scope);
    const asked = wanted(new Map([['a', 1]])) !== inverted;
    return { ...shown, reason: asked ? reasons[0] : reasons[1] };
  }
  const considered = consideredValues(situation.document, name, whole === true);
  if (considered === undefined) return { ...shown, reason: 'field was missing' };
  const mistyped = types && !considered.some((each) => types.includes(typeName(each)));
  return {
    ...shown,
    ...(mistyped
      ? {
          reason: 'type did not match',
          ...typesOf('considered', considered.map(typeName)),
          ...typesOf('expected', types),
        }
      : { reason: reasons[inverted ? 1 : 0] }),
    ...valuesOf(considered),
    ...(tellsTypes && typesOf('considered', considered.map(typeName))),
  };
}

function explainNegation(
  name: string,
  operand: BsonValue,
  situation: Situation,
): EncodableDocument {
  const clauses: Clause[] = hasOperators(operand)
    ? operatorClauses(name, operand)
    : [[name, operand]];
  const details = explainAll(clauses, { ...situation, inverted: !situation.inverted });
  return { operatorName: '$not', details };
}

const mostConsidered = 10;

/** What an operator looks at: the elements of arrays, or the `whole` of them; nothing when the path is missing. */
function consideredValues(
  document: BsonDocument,
  name: string,
  whole: boolean,
): BsonValue[] | undefined {
  const isThere = valuesMet(document, name, true).some((value) => value !== absent);
  if (!isThere) return undefined;
  return valuesMet(document, name, whole).filter((value) => value !== absent);
}

function valuesOf(values: readonly BsonValue[]): EncodableDocument {
  if (values.length === 1) return { consideredValue: values[0] };
  return {
    consideredValues: values.slice(0, mostConsidered),
    ...(values.length > mostConsidered && { consideredValuesTruncated: true }),
  };
}

/** Types by their names, each once: `consideredType` or `consideredTypes`. */
function typesOf(kind: 'considered' | 'expected', types: readonly string[]): EncodableDocument {
  const names = [...new Set(types)].sort();
  if (names.length === 0) return {};
  return names.length === 1 ? { [`${kind}Type`]: names[0] } : { [`${kind}Types`]: names };
}
