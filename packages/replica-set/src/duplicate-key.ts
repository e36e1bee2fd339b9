/** The error for a document whose unique key another one has. */
import { type BsonDocument, showValue } from './bson-document.ts';
import { valuesOfKey } from './index-keys.ts';
import type { IndexSpec } from './index-spec.ts';
import { ServerError } from './server-error.ts';

/** 11000, with the one of the document's keys that is taken. */
export function duplicateKey(
  namespace: string,
  spec: IndexSpec,
  document: BsonDocument,
  key: Buffer,
): ServerError {
  const values = valuesOfKey(spec, document, key);
  const keyValue: BsonDocument = new Map(spec.fields.map(({ name }, at) => [name, values[at]]));
  return new ServerError(
    11000,
    `E11000 duplicate key error collection: ${namespace} index: ${spec.name} dup key: ${showValue(keyValue)}`,
    { keyPattern: spec.key, keyValue },
  );
}
