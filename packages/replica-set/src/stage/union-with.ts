/** The `$unionWith` stage: documents of another collection behind those that come in. */
import { type BsonValue, isDocument } from '../bson-document.ts';
import { typeName } from '../bson-order.ts';
import { ServerError } from '../server-error.ts';
import { foreignNamespace, pipelineOperand } from './lookup.ts';
import {
  type Pipeline,
  refuseUnknownFields,
  type StageRun,
  type StageSurroundings,
  wrongFieldType,
} from './stage.ts';

const known = new Set(['coll', 'pipeline']);

export function compileUnionWith(operand: BsonValue, surroundings: StageSurroundings): StageRun {
  const { from, pipeline } = parseUnionWith(operand, surroundings);
  return function* (documents, scope) {
    yield* documents;
    if (scope.read !== undefined) yield* scope.read(from, pipeline, scope.variables);
  };
}

function parseUnionWith(
  operand: BsonValue,
  surroundings: StageSurroundings,
): { from: string | undefined; pipeline: Pipeline } {
  const { database, inner } = surroundings;
  if (typeof operand === 'string') {
    return {
      from: foreignNamespace('$unionWith', database, operand),
      pipeline: inner([], 'union'),
    };
  }
  if (!isDocument(operand)) {
    throw new ServerError(
      9,
      `the $unionWith stage specification must be an object or string, but found ${typeName(operand)}`,
    );
  }
  refuseUnknownFields('$unionWith', operand, known);
  const coll = operand.get('coll');
  const given = operand.get('pipeline');
  if (coll !== undefined && typeof coll !== 'string') {
    throw wrongFieldType('$unionWith', 'coll', coll, 'string');
  }
  const stages = given === undefined ? [] : pipelineOperand(given);
  const [first] = stages;
  if (coll === undefined && !(isDocument(first) && first.has('$documents'))) {
    throw new ServerError(
      9,
      '$unionWith stage without explicit collection must have a pipeline with $documents as first stage',
    );
  }
  return {
    from: coll === undefined ? undefined : foreignNamespace('$unionWith', database, coll),
    pipeline: inner(stages, 'union'),
  };
}
