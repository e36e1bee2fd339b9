/** Puts queries before the stages that do not touch their fields, so that fewer documents, or an index, come to them. */
import { type BsonDocument, type BsonValue, isDocument } from '../bson-document.ts';
import { isNumber, toDouble } from '../bson-order.ts';
import type { Stage } from './stage.ts';

/** The same pipeline with each `$match` as early as it may stand. */
export function matchesFirst(stages: readonly Stage[]): Stage[] {
  const ordered: Stage[] = [];
  for (const stage of stages) {
    const names = stage.name === '$match' ? fieldsOf(stage.operand) : undefined;
    let at = ordered.length;
    if (names !== undefined) {
      for (let before = ordered[at - 1]; before !== undefined; before = ordered[at - 1]) {
        if (!leavesAlone(before, names)) break;
        at -= 1;
      }
    }
    ordered.splice(at, 0, stage);
  }
  return ordered;
}

/** The top-level fields that a query looks at; nothing when it looks at more than fields. */
function fieldsOf(query: BsonValue): Set<string> | undefined {
  const names = new Set<string>();
  return isDocument(query) && gather(query, names) ? names : undefined;
}

function gather(query: BsonDocument, names: Set<string>): boolean {
  return [...query].every(([name, value]) => {
    if (!name.startsWith('$')) {
      names.add(top(name));
      return true;
    }
    if (!logical.has(name) || !Array.isArray(value)) return false;
    return value.every((branch) => isDocument(branch) && gather(branch, names));
  });
}

const logical = new Set(['$and', '$or', '$nor']);

function top(path: string): string {
  return path.split('.', 1)[0] ?? '';
}

/** True when the fields are the same behind the stage, and no document is added or taken away for what another one is. */
function leavesAlone({ name, operand }: Stage, names: ReadonlySet<string>): boolean {
  switch (name) {
    case '$sort':
      return true;
    case '$set':
    case '$addFields':
      return isDocument(operand) && [...operand.keys()].every((field) => !names.has(top(field)));
    case '$unset': {
      const fields = Array.isArray(operand) ? operand : [operand];
      return fields.every((field) => typeof field === 'string' && !names.has(top(field)));
    }
    case '$project':
      return isDocument(operand) && shows(operand, names);
    case '$unwind': {
      const spec = isDocument(operand) ? operand : new Map([['path', operand]]);
      const paths = [spec.get('path'), spec.get('includeArrayIndex') ?? ''];
      return paths.every((path) => !names.has(top(String(path).replace(/^\$/, ''))));
    }
    case '$lookup':
    case '$graphLookup':
      return isDocument(operand) && !names.has(top(String(operand.get('as'))));
    default:
      return false;
  }
}

/** True when a projection gives these fields as they are. */
function shows(projection: BsonDocument, names: ReadonlySet<string>): boolean {
  const flags = new Map([...projection].map(([name, value]) => [name, flagOf(value)]));
  const hides = [...flags].every(([name, flag]) => name === '_id' || flag === false);
  if (hides) return [...flags].every(([name, flag]) => flag === true || !names.has(top(name)));
  return [...names].every((name) =>
    name === '_id' ? (flags.get('_id') ?? true) === true : flags.get(name) === true,
  );
}

/** Whether a projection says to show a field or to hide it; nothing when it says something else. */
function flagOf(value: BsonValue): boolean | undefined {
  if (typeof value === 'boolean') return value;
  return isNumber(value) ? toDouble(value) !== 0 : undefined;
}
