/** Documents written as plain objects in tests. */
import type { BsonDocument, BsonValue, EncodableDocument } from '../src/bson-document.ts';

/** The document that a plain object shows; unlike in replies, a field that is undefined is there. */
export function documentFrom(plain: EncodableDocument): BsonDocument {
  return new Map(Object.entries(plain).map(([name, value]) => [name, valueFrom(value)]));
}

export function valueFrom(plain: EncodableDocument[string]): BsonValue {
  if (Array.isArray(plain)) return plain.map(valueFrom);
  const isPlain =
    typeof plain === 'object' &&
    plain !== null &&
    Object.getPrototypeOf(plain) === Object.prototype;
  return isPlain ? documentFrom(plain as EncodableDocument) : (plain as BsonValue);
}
