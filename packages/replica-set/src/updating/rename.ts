/** `$rename`: a field moves, with its value, to another name. */
import { type BsonValue, showValue } from '../bson-document.ts';
import { ServerError } from '../server-error.ts';
import { removed } from './modifier.ts';
import { isFilterPart, parseUpdatePath } from './update-path.ts';
import {
  arriveAt,
  createAt,
  putAt,
  refuseBlocked,
  type Step,
  type UpdateTree,
} from './update-tree.ts';

/** Takes the places of both names, and does its work at the second. */
export function addRename(tree: UpdateTree, name: string, target: BsonValue): void {
  const shown = `${name}: ${showValue(target)}`;
  if (typeof target !== 'string') {
    throw new ServerError(2, `The 'to' field for $rename must be a string: ${shown}`);
  }
  const from = parseUpdatePath(name);
  const to = parseUpdatePath(target);
  if (target.includes('\0')) {
    throw new ServerError(2, "The 'to' field for $rename cannot contain an embedded null byte");
  }
  if (name === target) {
    throw new ServerError(2, `The source and target field for $rename must differ: ${shown}`);
  }
  if (name.startsWith(`${target}.`) || target.startsWith(`${name}.`)) {
    throw new ServerError(
      2,
      `The source and target field for $rename must not be on the same path: ${shown}`,
    );
  }
  refuseDynamic('source', from);
  refuseDynamic('destination', to);
  tree.add(from, () => {});
  tree.add(to, renameFrom(from));
}

function refuseDynamic(which: string, path: readonly string[]): void {
  if (!path.some((part) => part === '$' || isFilterPart(part))) return;
  throw new ServerError(2, `The ${which} field for $rename may not be dynamic: ${path.join('.')}`);
}

function renameFrom(from: readonly string[]): Step {
  return ({ document }, target) => {
    const source = arriveAt(document, from);
    if (source.missing.length > 0) {
      refuseBlocked(source);
      return;
    }
    refuseArrays(document, 'source', from);
    refuseArrays(document, 'destination', [...target.taken, ...target.missing]);
    if (target.missing.length > 0) createAt(target, source.value);
    else if (target.place !== undefined) putAt(target.place, source.value);
    if (source.place !== undefined) putAt(source.place, removed);
  };
}

/** Neither name may lead into an array. */
function refuseArrays(
  document: Parameters<typeof arriveAt>[0],
  which: string,
  path: readonly string[],
): void {
  for (let length = 1; length < path.length; length++) {
    const { value, missing } = arriveAt(document, path.slice(0, length));
    if (missing.length > 0 || !Array.isArray(value)) continue;
    throw new ServerError(
      2,
      `The ${which} field cannot be an array element, '${path.join('.')}' in doc with ${showValue(document.get('_id'))} has an array field called '${path[length - 1]}'`,
    );
  }
}
