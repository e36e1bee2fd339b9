/** The `$fill` stage: values for fields that are null or not there. */
import { type BsonDocument, type BsonValue, isDocument } from '../bson-document.ts';
import { typeName } from '../bson-order.ts';
import type { VariableScope } from '../expression.ts';
import { pause } from '../pause.ts';
import { ServerError } from '../server-error.ts';
import { compileAddFields } from './add-fields.ts';
import {
  documentOperand,
  refuseUnknownFields,
  requiredField,
  type StageRun,
  wrongFieldType,
} from './stage.ts';
import { compileSetWindowFields } from './window/set-window-fields.ts';

const stage = '$fill';
const known = new Set(['partitionBy', 'partitionByFields', 'sortBy', 'output']);
const knownInOutput = new Set(['method', 'value']);

export function compileFill(operand: BsonValue, around: VariableScope): StageRun {
  const given = documentOperand(
    stage,
    operand,
    9,
    `The ${stage} stage specification must be an object, found ${typeName(operand)}`,
  );
  refuseUnknownFields(stage, given, known);
  const { methods, values } = outputOf(requiredField(stage, given, 'output'));
  const windows: BsonDocument = new Map();
  const sortBy = given.get('sortBy');
  if (sortBy !== undefined) windows.set('sortBy', sortBy);
  const partitionBy = partitionOf(given);
  if (partitionBy !== undefined) windows.set('partitionBy', partitionBy);
  windows.set('output', methods);
  const fill = methods.size === 0 ? undefined : compileSetWindowFields(windows, around);
  const set = values.size === 0 ? undefined : compileAddFields('$addFields')(values, around);
  return function* (documents, scope) {
    const filled = fill?.(documents, scope) ?? documents;
    for (const document of filled) {
      yield document === pause ? pause : (set?.(document, scope) ?? document);
    }
  };
}

/** The window functions and the expressions that an output stands for. */
function outputOf(output: BsonValue): { methods: BsonDocument; values: BsonDocument } {
  if (!isDocument(output)) throw wrongFieldType(stage, 'output', output, 'object');
  if (output.size === 0) {
    throw new ServerError(
      6050203,
      "The output field in '$fill' must contain an object with at least one element",
    );
  }
  const methods: BsonDocument = new Map();
  const values: BsonDocument = new Map();
  for (const [field, specification] of output) {
    if (!isDocument(specification)) {
      throw new ServerError(
        6050200,
        'Each fill output specification must be an object with exactly one field',
      );
    }
    refuseUnknownFields(stage, specification, knownInOutput);
    const method = specification.get('method');
    if (method !== undefined) {
      if (specification.has('value')) {
        throw new ServerError(
          6050201,
          "Each fill output specification must have exactly one of 'method' or 'value' fields, not both",
        );
      }
      methods.set(field, new Map([[windowFunctionOf(method), `$${field}`]]));
    } else if (specification.has('value')) {
      values.set(field, new Map([['$ifNull', [`$${field}`, specification.get('value')]]]));
    }
  }
  return { methods, values };
}

function windowFunctionOf(method: BsonValue): string {
  if (method === 'locf') return '$locf';
  if (method === 'linear') return '$linearFill';
  if (typeof method !== 'string') throw wrongFieldType(stage, 'method', method, 'string');
  throw new ServerError(6050202, 'Method must be either locf or linear');
}

function partitionOf(given: BsonDocument): BsonValue {
  const by = given.get('partitionBy');
  const fields = given.get('partitionByFields');
  if (by !== undefined && fields !== undefined) {
    throw new ServerError(
      6050204,
      "Maximum one of 'partitionBy' and 'partitionByFields can be specified in '$fill'",
    );
  }
  if (by !== undefined && typeof by !== 'string' && !isDocument(by)) {
    throw wrongFieldType(stage, 'partitionBy', by, 'string, object');
  }
  if (fields === undefined) return by;
  if (!Array.isArray(fields)) throw wrongFieldType(stage, 'partitionByFields', fields, 'array');
  return new Map(
    fields.map((name, index) => {
      if (typeof name === 'string') return [name, `$${name}`] as const;
      throw wrongFieldType(stage, `partitionByFields.${index}`, name, 'string');
    }),
  );
}
