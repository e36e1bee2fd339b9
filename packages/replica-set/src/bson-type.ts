/** The types of BSON by name and number, as `$type` and `bsonType` name them. */
import type { BsonValue } from './bson-document.ts';
import { isNumber, toDouble, typeName } from './bson-order.ts';
import { ServerError } from './server-error.ts';

const typeNumbers: ReadonlyMap<number, string> = new Map([
  [1, 'double'],
  [2, 'string'],
  [3, 'object'],
  [4, 'array'],
  [5, 'binData'],
  [6, 'undefined'],
  [7, 'objectId'],
  [8, 'bool'],
  [9, 'date'],
  [10, 'null'],
  [11, 'regex'],
  [12, 'dbPointer'],
  [13, 'javascript'],
  [14, 'symbol'],
  [15, 'javascriptWithScope'],
  [16, 'int'],
  [17, 'timestamp'],
  [18, 'long'],
  [19, 'decimal'],
  [-1, 'minKey'],
  [127, 'maxKey'],
]);

const typeNames: ReadonlySet<string> = new Set(typeNumbers.values());
export const numberTypes: readonly string[] = ['int', 'long', 'double', 'decimal'];

/** The names of the types that an operand names; `number` stands for four of them. */
export type TypeSet = ReadonlySet<string>;

/** @throws {ServerError} 2 for an unknown type, 14 for what is no name of one, 9 for none at all */
export function typeSetOf(operand: BsonValue, operator: string): TypeSet {
  const given = Array.isArray(operand) ? operand : [operand];
  if (given.length === 0) throw new ServerError(9, `${operator} must match at least one type`);
  return new Set(given.flatMap((type) => namesOf(type)));
}

export function hasType(types: TypeSet, value: BsonValue): boolean {
  return types.has(typeName(value));
}

function namesOf(type: BsonValue): readonly string[] {
  if (typeof type === 'string') {
    if (type === 'number') return numberTypes;
    if (typeNames.has(type)) return [type];
    throw new ServerError(2, `Unknown type name alias: ${type}`);
  }
  if (!isNumber(type)) {
    throw new ServerError(14, 'type must be represented as a number or a string');
  }
  const number = toDouble(type);
  const name = typeNumbers.get(number);
  if (name !== undefined) return [name];
  const hint = number === 0 ? '. Instead use {$exists:false}.' : '';
  throw new ServerError(2, `Invalid numerical type code: ${type}${hint}`);
}
