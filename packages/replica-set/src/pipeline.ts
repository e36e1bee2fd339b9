/** Aggregation pipelines over documents in memory. Stages that are not here are refused by name (40324). */
import { type BsonDocument, type BsonValue, cloneValue, isDocument } from './bson-document.ts';
import { isNumber, toDouble } from './bson-order.ts';
import { compileExpression, type ExpressionScope, missing } from './expression.ts';
import { setPath, splitPath, unsetPath, valueAt } from './field-path.ts';
import { compileGroup } from './group.ts';
import { compileQuery } from './matcher.ts';
import { compileProjection } from './projection.ts';
import { ServerError } from './server-error.ts';
import { compareBySort, compileSort } from './sort.ts';

export type Stage = (
  documents: Iterable<BsonDocument>,
  scope: ExpressionScope,
) => Iterable<BsonDocument>;

export function compilePipeline(stages: readonly BsonValue[]): Stage[] {
  return stages.map((stage) => {
    const [name, operand] = namedStage(stage);
    const compile = stageCompilers.get(name);
    if (compile === undefined) throw unknownStage(name);
    return compile(operand);
  });
}

/** The stages that an update may use, as one function from document to document. */
export function compileDocumentStages(
  stages: readonly BsonValue[],
): (document: BsonDocument, scope: ExpressionScope) => BsonDocument {
  const compiled = stages.map((stage) => {
    const [name, operand] = namedStage(stage);
    const compile = documentStages.get(name);
    if (compile === undefined) {
      throw new ServerError(72, `${name} is not allowed to be used within an update`);
    }
    return compile(operand);
  });
  return (document, scope) => compiled.reduce((current, stage) => stage(current, scope), document);
}

function namedStage(stage: BsonValue): [string, BsonValue] {
  const [entry] = isDocument(stage) ? stage : [];
  if (!isDocument(stage) || stage.size !== 1 || entry === undefined) {
    throw new ServerError(
      40323,
      'A pipeline stage specification object must contain exactly one field.',
    );
  }
  return entry;
}

export function searchNotEnabled(): ServerError {
  return new ServerError(31082, 'search indexes are there on MongoDB Atlas only');
}

function unknownStage(name: string): ServerError {
  return new ServerError(40324, `Unrecognized pipeline stage name: '${name}'`);
}

type DocumentStage = (document: BsonDocument, scope: ExpressionScope) => BsonDocument;

const documentStages: ReadonlyMap<string, (operand: BsonValue) => DocumentStage> = new Map([
  ['$set', addFields],
  ['$addFields', addFields],
  ['$unset', unset],
  ['$project', project],
  ['$replaceWith', replaceWith],
  [
    '$replaceRoot',
    (operand: BsonValue) => replaceWith(documentOf('$replaceRoot', operand).get('newRoot')),
  ],
]);

const stageCompilers: ReadonlyMap<string, (operand: BsonValue) => Stage> = new Map<
  string,
  (operand: BsonValue) => Stage
>([
  ...[...documentStages].map(([name, compile]): [string, (operand: BsonValue) => Stage] => [
    name,
    (operand) => {
      const change = compile(operand);
      return function* (documents, scope) {
        for (const document of documents) yield change(document, scope);
      };
    },
  ]),
  ['$match', match],
  ['$sort', sort],
  ['$limit', limit],
  ['$skip', skip],
  ['$count', count],
  ['$unwind', unwind],
  [
    '$listSearchIndexes',
    () => {
      throw searchNotEnabled();
    },
  ],
  ['$group', (operand) => compileGroup(documentOf('$group', operand))],
]);

function documentOf(stage: string, operand: BsonValue): BsonDocument {
  if (isDocument(operand)) return operand;
  throw new ServerError(40272, `${stage} specification stage must be an object`);
}

function addFields(operand: BsonValue): DocumentStage {
  const fields = [...documentOf('$addFields', operand)].map(
    ([name, value]) => [splitPath(name), compileExpression(value)] as const,
  );
  return (document, scope) => {
    const result = cloneValue(document);
    for (const [path, evaluate] of fields) {
      const value = evaluate({ ...scope, root: document });
      if (value === missing) unsetPath(result, path);
      else setPath(result, path, value);
    }
    return result;
  };
}

function unset(operand: BsonValue): DocumentStage {
  const names = Array.isArray(operand) ? operand : [operand];
  const projection = compileProjection(new Map(names.map((name) => [String(name), 0])));
  return (document, scope) => projection?.(document, scope) ?? document;
}

function project(operand: BsonValue): DocumentStage {
  const projection = compileProjection(documentOf('$project', operand));
  if (projection === undefined) {
    throw new ServerError(
      51272,
      'Invalid $project :: caused by :: projection specification must have at least one field',
    );
  }
  return projection;
}

function replaceWith(operand: BsonValue): DocumentStage {
  const evaluate = compileExpression(operand);
  return (document, scope) => {
    const value = evaluate({ ...scope, root: document });
    if (value !== missing && isDocument(value)) return value;
    throw new ServerError(40228, "'newRoot' expression must evaluate to an object");
  };
}

function match(operand: BsonValue): Stage {
  const query = documentOf('$match', operand);
  return function* (documents, scope) {
    const test = compileQuery(query, scope);
    for (const document of documents) if (test(document)) yield document;
  };
}

function sort(operand: BsonValue): Stage {
  const keys = compileSort(documentOf('$sort', operand));
  return (documents, { collator }) =>
    [...documents].sort((a, b) => compareBySort(keys, a, b, collator));
}

function wholeNumber(stage: string, operand: BsonValue, least: number): number {
  const number = isNumber(operand) ? toDouble(operand) : Number.NaN;
  if (Number.isInteger(number) && number >= least) return number;
  throw new ServerError(15958, `the ${stage.slice(1)} must be a whole number of at least ${least}`);
}

function limit(operand: BsonValue): Stage {
  const most = wholeNumber('$limit', operand, 1);
  return function* (documents) {
    let left = most;
    for (const document of documents) {
      yield document;
      left -= 1;
      if (left === 0) return;
    }
  };
}

function skip(operand: BsonValue): Stage {
  const first = wholeNumber('$skip', operand, 0);
  return function* (documents) {
    let left = first;
    for (const document of documents) {
      if (left === 0) yield document;
      else left -= 1;
    }
  };
}

function count(operand: BsonValue): Stage {
  if (typeof operand !== 'string' || operand === '' || /[$.]/.test(operand)) {
    throw new ServerError(40156, 'the count field must be a non-empty string without $ and .');
  }
  return function* (documents) {
    let total = 0;
    for (const _ of documents) total += 1;
    if (total > 0) yield new Map([[operand, total]]);
  };
}

function unwind(operand: BsonValue): Stage {
  const spec = isDocument(operand) ? operand : new Map<string, BsonValue>([['path', operand]]);
  const text = spec.get('path');
  if (typeof text !== 'string' || !text.startsWith('$')) {
    throw new ServerError(28818, "path option to $unwind stage should be prefixed with a '$'");
  }
  const path = splitPath(text.slice(1));
  const keepEmpty = spec.get('preserveNullAndEmptyArrays') === true;
  return function* (documents) {
    for (const document of documents) {
      const value = valueAt(document, path);
      const items = Array.isArray(value)
        ? value
        : value === null || value === undefined
          ? []
          : [value];
      if (items.length === 0 && keepEmpty) yield document;
      for (const item of items) {
        const copy = cloneValue(document);
        setPath(copy, path, item);
        yield copy;
      }
    }
  };
}
