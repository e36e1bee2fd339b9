/** The error for a document whose unique key another one has. */
import { type BsonDocument, showValue } from './bson-document.ts';
import { valueAt } from './field-path.ts';
import type { IndexSpec } from './index-spec.ts';
import { ServerError } from './server-error.ts';

/** 11000, with the key that is taken. */
export function duplicateKey(
  namespace: string,
  spec: IndexSpec,
  document: BsonDocument,
): ServerError {
  const values = spec.fields.map(
    ({ name, path }) => [name, valueAt(document, path) ?? null] as const,
  );
  const shown = values.map(([name, value]) => `${name}: ${showValue(value)}`);
  return new ServerError(
    11000,
    `E11000 duplicate key error collection: ${namespace} index: ${spec.name} dup key: { ${shown.join(', ')} }`,
    {
      keyPattern: spec.key,
      keyValue: new Map(values),
    },
  );
}
