/** Field paths and variables: `$a.b`, `$$ROOT.a`, `$$name.b`. */
import { type BsonDocument, type BsonValue, isDocument } from '../bson-document.ts';
import { ServerError } from '../server-error.ts';
import { type Context, constant } from './context.ts';
import { type Evaluator, type ExpressionValue, missing } from './evaluator.ts';

/** Compiles a string that begins with a dollar. */
export function compilePath(text: string, context: Context): Evaluator {
  if (text.includes('\0')) {
    throw new ServerError(16411, 'FieldPath field names may not contain null bytes.');
  }
  if (!text.startsWith('$$')) {
    if (text === '$') throw new ServerError(16872, "'$' by itself is not a valid FieldPath");
    context.reads();
    return current(checkedPath(text.slice(1)), context);
  }
  const [name = '', ...rest] = text.slice(2).split('.');
  checkVariable(name);
  const path = rest.length === 0 ? rest : checkedPath(rest.join('.'));
  return compileVariable(name, path, context);
}

function compileVariable(name: string, path: readonly string[], context: Context): Evaluator {
  if (name === 'REMOVE') return constant(missing);
  const cell = context.cell(name);
  const known = cell === undefined ? context.variables?.get(name) : undefined;
  if (known !== undefined) return constant(follow(known, path, 0));
  context.reads();
  if (cell !== undefined) {
    return path.length === 0 ? () => cell.value : () => follow(cell.value, path, 0);
  }
  switch (name) {
    case 'ROOT':
      return rootAt(path);
    case 'CURRENT':
      return current(path, context);
    case 'NOW':
      return path.length === 0 ? ({ now }) => now : constant(missing);
    case 'CLUSTER_TIME':
      return ({ clusterTime }) => {
        if (clusterTime !== undefined) return path.length === 0 ? clusterTime : missing;
        throw new ServerError(51144, "Builtin variable '$$CLUSTER_TIME' is not available");
      };
    default:
      if (context.variables?.has(name) !== true) {
        throw new ServerError(17276, `Use of undefined variable: ${name}`);
      }
      return ({ variables }) => follow(variables?.get(name), path, 0);
  }
}

/** A path from `$$CURRENT`, which is the root unless `$let` says otherwise. */
function current(path: readonly string[], context: Context): Evaluator {
  const cell = context.cell('CURRENT');
  return cell === undefined ? rootAt(path) : () => follow(cell.value, path, 0);
}

function rootAt(path: readonly string[]): Evaluator {
  const [only] = path;
  if (only === undefined) return ({ root = noDocument() }) => root;
  if (path.length === 1) return ({ root = noDocument() }) => fieldOf(root, only);
  return ({ root = noDocument() }) => follow(root, path, 0);
}

function noDocument(): never {
  throw new ServerError(
    4890500,
    'Command let Expression tried to access a field, but this is not allowed because Command let expressions run before the query examines any documents.',
  );
}

function fieldOf(document: BsonDocument, name: string): ExpressionValue {
  const value = document.get(name);
  return value !== undefined || document.has(name) ? value : missing;
}

/** Through arrays a path goes on into the documents in them, and yields what it finds as an array. */
function follow(value: ExpressionValue, path: readonly string[], at: number): ExpressionValue {
  const name = path[at];
  if (name === undefined || value === missing) return value;
  if (isDocument(value)) return follow(fieldOf(value, name), path, at + 1);
  if (!Array.isArray(value)) return missing;
  const found: BsonValue[] = [];
  for (const item of value) {
    const inner = isDocument(item) ? follow(item, path, at) : missing;
    if (inner !== missing) found.push(inner);
  }
  return found;
}

const deepest = 200;

function checkedPath(text: string): string[] {
  if (text.endsWith('.')) throw new ServerError(40353, "FieldPath must not end with a '.'.");
  const path = text.split('.');
  if (path.length > deepest) {
    throw new ServerError(15, `FieldPath is too deep: more than ${deepest} names`);
  }
  for (const name of path) checkFieldName(name);
  return path;
}

/** @throws {ServerError} 15998, 16410 or 16412 when no field may be named so in an expression */
export function checkFieldName(name: string): void {
  if (name === '') throw new ServerError(15998, 'FieldPath field names may not be empty strings.');
  if (name.startsWith('$')) {
    throw new ServerError(
      16410,
      "FieldPath field names may not start with '$'. Consider using $getField or $setField.",
    );
  }
  if (name.includes('.')) {
    throw new ServerError(
      16412,
      "FieldPath field names may not contain '.'. Consider using $getField or $setField.",
    );
  }
}

function checkVariable(name: string): void {
  if (name === '') throw new ServerError(9, 'empty variable names are not allowed');
  if (!/^[A-Za-z\u0080-\uffff]/.test(name)) {
    throw new ServerError(9, `'${name}' starts with an invalid character for a variable name`);
  }
  if (!/^[\w\u0080-\uffff]+$/.test(name)) {
    throw new ServerError(9, `'${name}' contains an invalid character for a variable name`);
  }
}

/** @throws {ServerError} 9 when no variable may be given this name */
export function checkVariableForWrite(name: string): void {
  checkVariable(name);
  if (name !== 'CURRENT' && !/^[a-z\u0080-\uffff]/.test(name)) {
    throw new ServerError(9, `'${name}' starts with an invalid character for a user variable name`);
  }
}
