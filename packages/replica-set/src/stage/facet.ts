/** The `$facet` stage: several pipelines over the same documents. */
import { type BsonDocument, type BsonValue, isDocument, showValue } from '../bson-document.ts';
import { typeName } from '../bson-order.ts';
import { checkFieldName } from '../expression/field-access.ts';
import { collected, withPauses } from '../pause.ts';
import { ServerError } from '../server-error.ts';
import { runStages, type StageRun, type StageSurroundings } from './stage.ts';

export function compileFacet(operand: BsonValue, surroundings: StageSurroundings): StageRun {
  if (!isDocument(operand) || operand.size === 0) {
    throw new ServerError(
      40169,
      `the $facet specification must be a non-empty object, but found: ${showValue(operand)}`,
    );
  }
  const facets = [...operand].map(
    ([name, stages]) => [name, surroundings.inner(stagesOf(name, stages), 'facet')] as const,
  );
  return function* (documents, scope) {
    const held = yield* collected(documents);
    const result: BsonDocument = new Map();
    for (const [name, { stages }] of facets) {
      result.set(name, yield* collected(runStages(stages, withPauses(held), scope)));
    }
    yield result;
  };
}

function stagesOf(name: string, stages: BsonValue): readonly BsonValue[] {
  checkFieldName(name);
  if (!Array.isArray(stages)) {
    throw new ServerError(
      40170,
      `arguments to $facet must be arrays, ${name} is type ${typeName(stages)}`,
    );
  }
  const other = stages.find((stage) => !isDocument(stage));
  if (stages.every(isDocument)) return stages;
  throw new ServerError(
    40171,
    `elements of arrays in $facet spec must be non-empty objects, ${name} argument contained an element of type ${typeName(other)}`,
  );
}
