/** What a query says of single fields, as far as an index can help with it. */
import { type BsonDocument, type BsonValue, isDocument } from './bson-document.ts';
import { hasOperators } from './matcher.ts';

export interface FieldConditions {
  /** Every clause on the field, as operators: `$eq` for a plain value. */
  readonly clauses: readonly BsonDocument[];
  /** True when the clauses are those of an `$elemMatch`, which says more: that one element meets them all. */
  readonly within: boolean;
}

export interface QueryConditions {
  readonly fields: ReadonlyMap<string, FieldConditions>;
  /** The branches of each `$or` that has to hold. */
  readonly alternatives: readonly (readonly BsonDocument[])[];
  /** True when `fields` tell all that the query says. */
  readonly whole: boolean;
}

export function conditionsOf(...queries: readonly BsonDocument[]): QueryConditions {
  const fields = new Map<string, { clauses: BsonDocument[]; within: boolean }>();
  const alternatives: BsonDocument[][] = [];
  let whole = true;
  const note = (name: string, clause: BsonDocument, within: boolean): void => {
    const known = fields.get(name);
    if (known === undefined) fields.set(name, { clauses: [clause], within });
    else if (known.within === within) known.clauses.push(clause);
    else if (known.within) fields.set(name, { clauses: [clause], within });
  };
  const collect = (query: BsonDocument): void => {
    for (const [name, value] of query) {
      if (name === '$and' && Array.isArray(value)) {
        for (const branch of value) if (isDocument(branch)) collect(branch);
      } else if (name === '$or' && Array.isArray(value)) {
        whole = false;
        alternatives.push(value.filter(isDocument));
      } else if (name === '$comment') continue;
      else if (name.startsWith('$')) whole = false;
      else if (!hasOperators(value)) note(name, new Map([['$eq', value]]), false);
      else {
        note(name, value, false);
        collectElements(name, value.get('$elemMatch'), note);
      }
    }
  };
  for (const query of queries) collect(query);
  return { fields, alternatives, whole };
}

/** What a query says beside its `$or`s. */
export function withoutAlternatives(query: BsonDocument): BsonDocument {
  const rest: BsonDocument = new Map();
  for (const [name, value] of query) {
    if (name === '$and' && Array.isArray(value)) {
      rest.set(name, value.filter(isDocument).map(withoutAlternatives));
    } else if (name !== '$or') rest.set(name, value);
  }
  return rest;
}

/** What `$elemMatch` says of fields of an array's documents holds for the field behind the array, too. */
function collectElements(
  name: string,
  inner: BsonValue,
  note: (name: string, clause: BsonDocument, within: boolean) => void,
): void {
  const [first = '$'] = isDocument(inner) ? inner.keys() : [];
  if (!isDocument(inner) || first.startsWith('$')) return;
  for (const [field, value] of inner) {
    if (field.startsWith('$')) continue;
    const clause = hasOperators(value) ? value : new Map([['$eq', value]]);
    note(`${name}.${field}`, clause, true);
  }
}
