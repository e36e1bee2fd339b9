/** MongoDB's update operators and what refines them, and how they stand here. */
import { differs, type LanguageEntry, right } from './entry.ts';

export const updateOperators: readonly LanguageEntry[] = [
  differs('$currentDate', 'a timestamp is the second of the command with the increment 1'),
  ...right('$inc', '$min', '$max', '$mul', '$rename', '$set', '$setOnInsert', '$unset'),
  ...right('$', '$[]', '$[<identifier>]'),
  ...right('$addToSet', '$pop', '$pull', '$push', '$pullAll'),
  ...right('$each', '$position', '$slice', '$sort'),
  ...right('$bit'),
];

/** What `find` and `findAndModify` know in projections. */
export const projectionOperators: readonly LanguageEntry[] = [
  ...right('$', '$elemMatch', '$slice'),
  { name: '$meta', is: 'refused', how: 'there is no search that has such data' },
];
