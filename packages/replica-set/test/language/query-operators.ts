/** MongoDB's query operators, and how they stand here. */
import { differs, type LanguageEntry, refused, right } from './entry.ts';

export const queryOperators: readonly LanguageEntry[] = [
  ...right('$eq', '$gt', '$gte', '$in', '$lt', '$lte', '$ne', '$nin'),
  ...right('$and', '$not', '$nor', '$or'),
  ...right('$exists', '$type'),
  ...right('$expr', '$jsonSchema', '$mod'),
  differs(
    '$regex',
    'recursion, conditions and verbs are refused (238); a pattern that refers back to its groups and takes more than ten million steps is refused (51156) where MongoDB gives up and finds nothing',
  ),
  ...refused(27, '$text'),
  ...refused(2, '$where'),
  ...refused(238, '$geoIntersects', '$geoWithin'),
  ...refused(291, '$near', '$nearSphere'),
  ...refused(2, '$box', '$center', '$centerSphere', '$geometry', '$polygon'),
  ...refused(2, '$maxDistance', '$minDistance'),
  ...right('$all', '$elemMatch', '$size'),
  ...right('$bitsAllClear', '$bitsAllSet', '$bitsAnyClear', '$bitsAnySet'),
  ...right('$comment', '$rand', '$sampleRate'),
];
