/** What a schema says of documents. */
import {
  type BsonDocument,
  type BsonValue,
  type EncodableDocument,
  isDocument,
} from '../bson-document.ts';
import { typeName } from '../bson-order.ts';
import { Regex } from '../regex/regex.ts';
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

export const required: Keyword = (operand) => {
  const names = namesOf('required', operand);
  return ruleOn(
    isDocument,
    (document) => names.every((name) => document.has(name)),
    (document) => ({
      ...specifiedAs('required', operand),
      missingProperties: names.filter((name) => !document.has(name)).sort(),
    }),
  );
};

function namesOf(keyword: string, operand: BsonValue): string[] {
  if (!Array.isArray(operand)) {
    throw mistyped(keyword, `an array, but found an element of type ${typeName(operand)}`);
  }
  const names = operand.map((name) => {
    if (typeof name === 'string') return name;
    throw mistyped(keyword, `an array of strings, but found an element of type: ${typeName(name)}`);
  });
  if (names.length === 0) {
    throw new ServerError(9, `$jsonSchema keyword '${keyword}' cannot be an empty array`);
  }
  if (new Set(names).size < names.length) {
    throw new ServerError(
      9,
      `$jsonSchema keyword '${keyword}' array cannot contain duplicate values`,
    );
  }
  return names;
}

export const properties: Keyword = (operand, { compile }) => {
  if (!isDocument(operand)) throw mistyped('properties', 'an object');
  const schemas = [...operand].map(([name, schema]) => {
    if (isDocument(schema)) return [name, compile(schema)] as const;
    throw new ServerError(14, `Nested schema for $jsonSchema property '${name}' must be an object`);
  });
  return ruleOn(
    isDocument,
    (document) =>
      schemas.every(([name, schema]) => {
        const value = document.get(name);
        return (value === undefined && !document.has(name)) || schema.passes(value);
      }),
    (document) => ({
      operatorName: 'properties',
      propertiesNotSatisfied: schemas.flatMap(([name, schema]) =>
        document.has(name) && !schema.passes(document.get(name))
          ? [
              {
                propertyName: name,
                ...schema.annotations,
                details: schema.explain(document.get(name)),
              },
            ]
          : [],
      ),
    }),
  );
};

/** What `properties` and `patternProperties` do not name is additional. */
export const additionalProperties: Keyword = (operand, context) => {
  if (typeof operand !== 'boolean' && !isDocument(operand)) {
    throw mistyped('additionalProperties', 'an object or a boolean');
  }
  if (operand === true) return undefined;
  const patterns = patternsOf(context.schema.get('patternProperties'), context);
  const named = context.schema.get('properties');
  const additional = (document: BsonDocument): string[] =>
    [...document.keys()].filter(
      (name) =>
        !(isDocument(named) && named.has(name)) && !patterns.some(({ regex }) => regex.test(name)),
    );
  if (operand === false) {
    return ruleOn(
      isDocument,
      (document) => additional(document).length === 0,
      (document) => ({
        ...specifiedAs('additionalProperties', operand),
        additionalProperties: additional(document),
      }),
    );
  }
  return additionalSchema(context.compile(operand), additional);
};

function additionalSchema(schema: Schema, additional: (document: BsonDocument) => string[]): Rule {
  const failing = (document: BsonDocument): string | undefined =>
    additional(document).find((name) => !schema.passes(document.get(name)));
  return ruleOn(
    isDocument,
    (document) => failing(document) === undefined,
    (document) => {
      const name = failing(document) ?? '';
      return {
        operatorName: 'additionalProperties',
        ...schema.annotations,
        reason: 'at least one additional property did not match the subschema',
        failingProperty: name,
        details: schema.explain(document.get(name)),
      };
    },
  );
}

interface PatternSchema {
  readonly source: string;
  readonly regex: Regex;
  readonly schema: Schema;
}

function patternsOf(operand: BsonValue, { compile }: KeywordContext): PatternSchema[] {
  if (operand === undefined) return [];
  if (!isDocument(operand)) throw mistyped('patternProperties', 'an object');
  return [...operand].map(([source, schema]) => {
    if (isDocument(schema)) {
      return { source, regex: new Regex(source, ''), schema: compile(schema) };
    }
    throw new ServerError(
      14,
      `$jsonSchema keyword 'patternProperties' has property '${source}' which is not an object`,
    );
  });
}

export const patternProperties: Keyword = (operand, context) => {
  const patterns = patternsOf(operand, context);
  const failing = (document: BsonDocument, { regex, schema }: PatternSchema) =>
    [...document].find(([name, value]) => regex.test(name) && !schema.passes(value));
  return ruleOn(
    isDocument,
    (document) => patterns.every((pattern) => failing(document, pattern) === undefined),
    (document) => ({
      operatorName: 'patternProperties',
      details: patterns.flatMap((pattern) => {
        const [name, value] = failing(document, pattern) ?? [];
        if (name === undefined) return [];
        const { schema, source } = pattern;
        return [
          {
            propertyName: name,
            ...schema.annotations,
            regexMatched: source,
            details: schema.explain(value),
          },
        ];
      }),
    }),
  );
};

function propertyCount(name: string, holds: (count: number, bound: number) => boolean): Keyword {
  return (operand) => {
    const bound = countOf(name, operand);
    return ruleOn(
      isDocument,
      (document) => holds(document.size, bound),
      (document) => ({
        ...specifiedAs(name, operand),
        reason: 'specified number of properties was not satisfied',
        numberOfProperties: document.size,
      }),
    );
  };
}

export const minProperties: Keyword = propertyCount('minProperties', (n, least) => n >= least);
export const maxProperties: Keyword = propertyCount('maxProperties', (n, most) => n <= most);

interface Dependency {
  readonly name: string;
  passes(document: BsonDocument): boolean;
  explain(document: BsonDocument): EncodableDocument;
}

export const dependencies: Keyword = (operand, { compile }) => {
  if (!isDocument(operand)) throw mistyped('dependencies', 'an object');
  const all = [...operand].map(([name, value]) => dependencyOf(name, value, compile));
  const failing = (document: BsonDocument) =>
    all.filter((each) => document.has(each.name) && !each.passes(document));
  return ruleOn(
    isDocument,
    (document) => failing(document).length === 0,
    (document) => ({
      operatorName: 'dependencies',
      failingDependencies: failing(document).map((each) => ({
        conditionalProperty: each.name,
        ...each.explain(document),
      })),
    }),
  );
};

function dependencyOf(
  name: string,
  value: BsonValue,
  compile: KeywordContext['compile'],
): Dependency {
  if (isDocument(value)) {
    const schema = compile(value);
    return {
      name,
      passes: (document) => schema.passes(document),
      explain: (document) => ({ details: schema.explain(document) }),
    };
  }
  if (!Array.isArray(value)) {
    throw new ServerError(
      14,
      `property '${name}' in $jsonSchema keyword 'dependencies' must be either an object or an array`,
    );
  }
  const needed = namesOf('dependencies', value);
  const missing = (document: BsonDocument) => needed.filter((other) => !document.has(other));
  return {
    name,
    passes: (document) => missing(document).length === 0,
    explain: (document) => ({ missingProperties: missing(document) }),
  };
}
