/** What a schema says of arrays. */
import { type BsonValue, isDocument } from '../bson-document.ts';
import { typeName } from '../bson-order.ts';
import { ServerError } from '../server-error.ts';
import {
  countOf,
  type Keyword,
  type KeywordContext,
  mistyped,
  type Rule,
  ruleOn,
  type Schema,
  specifiedAs,
} from './rule.ts';
import { UnorderedSet } from './unordered.ts';

const isArray = (value: BsonValue): value is BsonValue[] => Array.isArray(value);

function itemCount(name: string, holds: (count: number, bound: number) => boolean): Keyword {
  return (operand) => {
    const bound = countOf(name, operand);
    return ruleOn(
      isArray,
      (items) => holds(items.length, bound),
      (items) => ({
        ...specifiedAs(name, operand),
        reason: 'array did not match specified length',
        consideredValue: items,
        numberOfItems: items.length,
      }),
    );
  };
}

export const minItems: Keyword = itemCount('minItems', (count, least) => count >= least);
export const maxItems: Keyword = itemCount('maxItems', (count, most) => count <= most);

export const uniqueItems: Keyword = (operand) => {
  if (typeof operand !== 'boolean') throw mistyped('uniqueItems', 'a boolean');
  if (!operand) return undefined;
  return ruleOn(
    isArray,
    (items) => duplicatePlace(items) < 0,
    (items) => ({
      ...specifiedAs('uniqueItems', operand),
      reason: 'found a duplicate item',
      consideredValue: items,
      duplicatedValue: items[duplicatePlace(items)],
    }),
  );
};

function duplicatePlace(items: readonly BsonValue[]): number {
  const seen = new UnorderedSet();
  return items.findIndex((item) => !seen.add(item));
}

export const items: Keyword = (operand, context) => {
  if (isDocument(operand)) {
    const reason = 'At least one item did not match the sub-schema';
    return everyFrom('items', context.compile(operand), 0, reason);
  }
  if (!Array.isArray(operand)) {
    throw mistyped('items', `an array or an object, not ${typeName(operand)}`);
  }
  const schemas = operand.map((schema) => {
    if (isDocument(schema)) return context.compile(schema);
    throw new ServerError(
      14,
      `$jsonSchema keyword 'items' requires that each element of the array is an object, but found a ${typeName(schema)}`,
    );
  });
  return ruleOn(
    isArray,
    (values) => values.every((value, index) => schemas[index]?.passes(value) !== false),
    (values) => ({
      operatorName: 'items',
      details: values.flatMap((value, itemIndex) => {
        const schema = schemas[itemIndex];
        if (schema === undefined || schema.passes(value)) return [];
        return [{ itemIndex, details: schema.explain(value) }];
      }),
    }),
  );
};

/** Says something only of what is behind the items that `items` lists one by one. */
export const additionalItems: Keyword = (operand, context) => {
  const rule = additional(operand, context);
  return Array.isArray(context.schema.get('items')) ? rule : undefined;
};

function additional(operand: BsonValue, { schema, compile }: KeywordContext): Rule | undefined {
  const listed = schema.get('items');
  const from = Array.isArray(listed) ? listed.length : 0;
  if (isDocument(operand)) {
    const reason = 'At least one additional item did not match the sub-schema';
    return everyFrom('additionalItems', compile(operand), from, reason);
  }
  if (typeof operand !== 'boolean') {
    throw mistyped(
      'additionalItems',
      `either an object or a boolean, but got a ${typeName(operand)}`,
    );
  }
  if (operand) return undefined;
  return ruleOn(
    isArray,
    (values) => values.length <= from,
    (values) => ({
      ...specifiedAs('additionalItems', operand),
      reason: 'found additional items',
      additionalItems: values.slice(from),
    }),
  );
}

function everyFrom(name: string, schema: Schema, from: number, reason: string): Rule {
  const failing = (values: readonly BsonValue[]): number =>
    values.findIndex((value, index) => index >= from && !schema.passes(value));
  return ruleOn(
    isArray,
    (values) => failing(values) < 0,
    (values) => {
      const itemIndex = failing(values);
      return {
        operatorName: name,
        ...schema.annotations,
        reason,
        itemIndex,
        details: schema.explain(values[itemIndex]),
      };
    },
  );
}
