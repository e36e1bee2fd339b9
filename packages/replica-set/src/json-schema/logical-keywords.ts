/** Schemas made of schemas, and the list of all that may be. */
import { type BsonValue, isDocument } from '../bson-document.ts';
import { typeName } from '../bson-order.ts';
import { ServerError } from '../server-error.ts';
import { type Keyword, type KeywordContext, mistyped, type Schema, specifiedAs } from './rule.ts';
import { UnorderedSet } from './unordered.ts';

function schemasOf(name: string, operand: BsonValue, { compile }: KeywordContext): Schema[] {
  if (!Array.isArray(operand)) throw mistyped(name, 'an array');
  if (operand.length === 0) {
    throw new ServerError(2, `$jsonSchema keyword '${name}' must be a non-empty array`);
  }
  return operand.map((schema) => {
    if (isDocument(schema)) return compile(schema);
    throw mistyped(name, `an array of objects, but found an element of type ${typeName(schema)}`);
  });
}

/** Which of the schemas do not hold, and why. */
function notSatisfied(name: string, schemas: readonly Schema[], value: BsonValue) {
  return {
    operatorName: name,
    schemasNotSatisfied: schemas.flatMap((schema, index) =>
      schema.passes(value)
        ? []
        : [{ index, ...schema.annotations, details: schema.explain(value) }],
    ),
  };
}

export const allOf: Keyword = (operand, context) => {
  const schemas = schemasOf('allOf', operand, context);
  return {
    passes: (value) => schemas.every((schema) => schema.passes(value)),
    explain: (value) => notSatisfied('allOf', schemas, value),
  };
};

export const anyOf: Keyword = (operand, context) => {
  const schemas = schemasOf('anyOf', operand, context);
  return {
    passes: (value) => schemas.some((schema) => schema.passes(value)),
    explain: (value) => notSatisfied('anyOf', schemas, value),
  };
};

export const oneOf: Keyword = (operand, context) => {
  const schemas = schemasOf('oneOf', operand, context);
  const matching = (value: BsonValue): number[] =>
    schemas.flatMap((schema, index) => (schema.passes(value) ? [index] : []));
  return {
    passes: (value) => matching(value).length === 1,
    explain: (value) => {
      const indexes = matching(value);
      if (indexes.length === 0) return notSatisfied('oneOf', schemas, value);
      return {
        operatorName: 'oneOf',
        reason: 'more than one subschema matched',
        matchingSchemaIndexes: indexes,
      };
    },
  };
};

export const not: Keyword = (operand, { compile }) => {
  if (!isDocument(operand)) {
    throw mistyped('not', `an object, but found an element of type ${typeName(operand)}`);
  }
  const schema = compile(operand);
  return {
    passes: (value) => !schema.passes(value),
    explain: () => ({ operatorName: 'not', reason: 'child expression matched' }),
  };
};

export const oneOfValues: Keyword = (operand) => {
  if (!Array.isArray(operand)) {
    throw mistyped('enum', `an array, but found an element of type ${typeName(operand)}`);
  }
  if (operand.length === 0) {
    throw new ServerError(9, "$jsonSchema keyword 'enum' cannot be an empty array");
  }
  const values = new UnorderedSet();
  for (const value of operand) {
    if (values.add(value)) continue;
    throw new ServerError(9, "$jsonSchema keyword 'enum' array cannot contain duplicate values.");
  }
  return {
    passes: (value) => values.has(value),
    explain: (value) => ({
      ...specifiedAs('enum', operand),
      reason: 'value was not found in enum',
      consideredValue: value,
    }),
  };
};
