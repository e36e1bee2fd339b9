/** The `$group` stage and those made of it: `$bucket`, `$sortByCount`. */
import { type Accumulator, type CompiledAccumulator, compileAccumulator } from '../accumulator.ts';
import { type BsonDocument, type BsonValue, isDocument } from '../bson-document.ts';
import { encodeDocument } from '../bson-encoder.ts';
import { isNumber } from '../bson-order.ts';
import type { ExpressionValue } from '../expression/evaluator.ts';
import { compileExpression, type Evaluator, missing, type VariableScope } from '../expression.ts';
import { pause } from '../pause.ts';
import { ServerError } from '../server-error.ts';
import { exceeded, mostHeldBytes } from './sorter.ts';
import { documentOperand, rooted, type StageRun } from './stage.ts';
import { ValueKeys } from './value-keys.ts';

/** A field of the output, gathered from the documents of a group. */
export interface GatheredField extends CompiledAccumulator {
  readonly name: string;
  /** True for one that keeps what it is given. */
  readonly collects: boolean;
}

const collecting = new Set(['$push', '$addToSet', '$concatArrays', '$setUnion']);

/** The accumulators of a specification, its `_id` left out. */
export function gatheredFields(spec: BsonDocument, around: VariableScope): GatheredField[] {
  return [...spec]
    .filter(([name]) => name !== '_id')
    .map(([name, value]) => {
      const [operator = ''] = isDocument(value) ? value.keys() : [];
      return {
        name,
        ...compileAccumulator(name, value, around),
        collects: collecting.has(operator),
      };
    });
}

export function compileGroup(operand: BsonValue, around: VariableScope): StageRun {
  const spec = documentOperand(
    '$group',
    operand,
    15947,
    "a group's fields must be specified in an object",
  );
  const fields = gatheredFields(spec, around);
  if (!spec.has('_id')) throw new ServerError(15955, 'a group specification must include an _id');
  return grouping(keyOf(spec.get('_id'), around), fields);
}

function keyOf(id: BsonValue, around: VariableScope): Evaluator {
  const names = isDocument(id) ? [...id] : [];
  const isExpression = names[0]?.[0].startsWith('$') === true;
  if (!isExpression && names.some(([, value]) => isNumber(value) || typeof value === 'boolean')) {
    throw new ServerError(17390, '$group does not support inclusion-style expressions');
  }
  return compileExpression(id, around);
}

interface Group {
  readonly id: BsonValue;
  readonly accumulators: readonly Accumulator[];
}

/** Groups documents whose keys are equal as BSON has it: numbers of all kinds by their value, null and missing alike. */
export function grouping(key: Evaluator, fields: readonly GatheredField[]): StageRun {
  return function* (documents, scope) {
    const groups = new Map<string, Group>();
    const keys = new ValueKeys(scope.collator);
    const measured = scope.allowDiskUse === false;
    let bytes = 0;
    for (const document of documents) {
      if (document === pause) {
        yield pause;
        continue;
      }
      const inner = rooted(scope, document);
      const id = key(inner);
      const value = id === missing ? null : id;
      const text = keys.of(value);
      let group = groups.get(text);
      if (group === undefined) {
        const first = rooted(scope, new Map([['_id', value]]));
        group = { id: value, accumulators: fields.map(({ start }) => start(first)) };
        groups.set(text, group);
        bytes += text.length;
      }
      for (const [index, { evaluate, collects }] of fields.entries()) {
        const gathered = evaluate(inner);
        group.accumulators[index]?.add(gathered);
        if (measured && collects) bytes += sizeOf(gathered);
      }
      if (measured && bytes > mostHeldBytes) throw exceeded('$group');
    }
    for (const { id, accumulators } of groups.values()) {
      yield new Map([['_id', id], ...resultsOf(fields, accumulators)]);
    }
  };
}

/** The fields and what has been gathered for them. */
export function resultsOf(
  fields: readonly GatheredField[],
  accumulators: readonly Accumulator[],
): [string, BsonValue][] {
  return fields.map(({ name }, index) => [name, accumulators[index]?.result() ?? null]);
}

function sizeOf(value: ExpressionValue): number {
  return value === missing ? 0 : encodeDocument({ value }).length;
}
