/** Projections: inclusion, exclusion, computed fields, and what `find` knows besides. */
import { type BsonDocument, type BsonValue, isDocument, showValue } from './bson-document.ts';
import { isNumber, toDouble } from './bson-order.ts';
import {
  compileExpression,
  type Evaluator,
  type ExpressionScope,
  type VariableScope,
} from './expression.ts';
import { addComputed, computedFieldsOf } from './projecting/computed-fields.ts';
import { elementMatching, elementMet, sliceAt } from './projecting/find-projection.ts';
import {
  type Afterthought,
  addNode,
  emptyBranch,
  exclude,
  hasBranch,
  include,
  projectionPath,
} from './projecting/projection-tree.ts';
import { ServerError } from './server-error.ts';

export type Projection = (document: BsonDocument, scope: ExpressionScope) => BsonDocument;

/** The query of a `find`, and what it sees. */
interface Found {
  readonly query: BsonDocument;
  readonly scope: ExpressionScope;
}

/** Compiles what `$project` takes; nothing when it names no field. Throws MongoDB's codes 31249 to 31325. */
export function compileProjection(
  spec: BsonDocument,
  around: VariableScope,
): Projection | undefined {
  return spec.size === 0 ? undefined : new Reader(undefined, around).read(spec);
}

/** The same for `find`, with `$slice`, `$elemMatch` and the `$` that the query gives a meaning. */
export function compileFindProjection(
  spec: BsonDocument,
  query: BsonDocument,
  scope: ExpressionScope,
): Projection | undefined {
  return spec.size === 0 ? undefined : new Reader({ query, scope }, scope).read(spec);
}

class Reader {
  readonly #found: Found | undefined;
  readonly #around: VariableScope;
  readonly #root = emptyBranch();
  readonly #afterthoughts: Afterthought[] = [];
  /** Settled by the first field but `_id` that is included or not. */
  #kind: 'inclusion' | 'exclusion' | undefined;
  #idNamed = false;
  #hasSlice = false;
  #hasElemMatch = false;
  /** Cuts an array down to the element that the positional `$` means. */
  #beforehand: ((document: BsonDocument) => BsonDocument) | undefined;

  constructor(found: Found | undefined, around: VariableScope) {
    this.#found = found;
    this.#around = around;
  }

  read(spec: BsonDocument): Projection {
    for (const [name, value] of spec) {
      if (name === '_id' || name.startsWith('_id.')) this.#idNamed = true;
      this.#readField(name, value, []);
    }
    const { children } = this.#root;
    const kind = this.#kind ?? this.#kindByDefault();
    if (kind === 'inclusion' && !this.#idNamed) children.set('_id', { kind: 'include' });
    const root = this.#root;
    const computed = computedFieldsOf(root);
    const afterthoughts = this.#afterthoughts;
    const base = kind === 'inclusion' ? include : exclude;
    const beforehand = this.#beforehand ?? ((document) => document);
    if (computed.size === 0 && afterthoughts.length === 0) {
      return (document) => base(beforehand(document), root);
    }
    return (document, scope) => {
      const result = base(beforehand(document), root);
      if (computed.size > 0) addComputed(result, computed, { ...scope, root: document });
      for (const take of afterthoughts) take(result, document);
      return result;
    };
  }

  #kindByDefault(): 'inclusion' | 'exclusion' {
    const idIncluded = this.#root.children.get('_id')?.kind === 'include';
    if (this.#hasSlice) return idIncluded ? 'inclusion' : 'exclusion';
    return this.#hasElemMatch || idIncluded ? 'inclusion' : 'exclusion';
  }

  #readField(name: string, value: BsonValue, above: readonly string[]): void {
    const positional = name.endsWith('.$');
    if (!positional && name.includes('.$.')) throw positionalInside();
    if (positional && this.#found === undefined) {
      throw new ServerError(31324, 'Cannot use positional projection in aggregation projection');
    }
    if (isDocument(value)) {
      if (positional) {
        throw new ServerError(
          31271,
          'positional projection cannot be used with an expression or sub object',
        );
      }
      this.#readDocument(name, value, above);
    } else if (typeof value === 'boolean' || isNumber(value)) {
      const wanted = typeof value === 'boolean' ? value : toDouble(value) !== 0;
      if (!wanted) this.#readExclusion(name, positional, above);
      else if (positional && this.#found) this.#readPositional(name, above, this.#found);
      else this.#readInclusion(name, above);
    } else {
      if (positional) {
        throw new ServerError(31308, 'positional projection cannot be used with a literal');
      }
      const evaluate = compileExpression(value, this.#around);
      addNode(this.#root, [...above, ...projectionPath(name)], { kind: 'compute', evaluate });
      this.#settle(
        'inclusion',
        31310,
        `Cannot use an expression ${name}: ${showValue(value)} in an exclusion projection`,
      );
    }
  }

  #settle(kind: 'inclusion' | 'exclusion', code: number, message: string): void {
    if (this.#kind !== undefined && this.#kind !== kind) throw new ServerError(code, message);
    this.#kind = kind;
  }

  #readInclusion(name: string, above: readonly string[]): void {
    addNode(this.#root, [...above, ...projectionPath(name)], { kind: 'include' });
    if (above.length === 0 && name === '_id') return;
    this.#settle(
      'inclusion',
      31253,
      `Cannot do inclusion on field ${name} in exclusion projection`,
    );
  }

  #readExclusion(name: string, positional: boolean, above: readonly string[]): void {
    if (positional) {
      throw new ServerError(31395, 'positional projection cannot be used with exclusion');
    }
    addNode(this.#root, [...above, ...projectionPath(name)], { kind: 'exclude' });
    if (above.length === 0 && name === '_id') return;
    this.#settle(
      'exclusion',
      31254,
      `Cannot do exclusion on field ${name} in inclusion projection`,
    );
  }

  #readPositional(name: string, above: readonly string[], { query, scope }: Found): void {
    if (this.#beforehand !== undefined) {
      throw new ServerError(31276, 'Cannot specify more than one positional projection per query.');
    }
    if (this.#hasElemMatch) {
      throw new ServerError(31256, 'Cannot specify positional operator and $elemMatch.');
    }
    if (name === '.$') throw new ServerError(5392900, 'Projection on field .$ is invalid');
    if (name.slice(0, -2).includes('.$')) {
      throw positionalInside();
    }
    const path = [...above, ...projectionPath(name.slice(0, -2))];
    addNode(this.#root, path, { kind: 'include' });
    this.#beforehand = elementMet(path, query, scope);
    this.#settle(
      'inclusion',
      31253,
      `Cannot do inclusion on field ${name} in exclusion projection`,
    );
  }

  /** An expression, or a projection of what lies beneath. */
  #readDocument(name: string, value: BsonDocument, above: readonly string[]): void {
    const path = [...above, ...projectionPath(name)];
    const [first] = value;
    if (first === undefined) {
      throw new ServerError(
        51270,
        `An empty sub-projection is not a valid value. Found empty object at path '${name}'`,
      );
    }
    const [operator, operand] = first;
    if (value.size === 1 && operator.startsWith('$')) {
      const known = this.#readFindOperator(path, operator, operand);
      if (!known) this.#readExpression(path, value);
      return;
    }
    if (!hasBranch(this.#root, path)) addNode(this.#root, path, emptyBranch());
    for (const [inner, each] of value) this.#readField(inner, each, path);
  }

  /** False when it is none, or an expression of the same name. */
  #readFindOperator(path: readonly string[], operator: string, operand: BsonValue): boolean {
    if (operator === '$elemMatch') {
      if (this.#found === undefined) {
        throw new ServerError(168, 'Cannot use $elemMatch in this context');
      }
      if (this.#beforehand !== undefined) {
        throw new ServerError(31255, 'Cannot specify positional operator and $elemMatch.');
      }
      const [name = ''] = path;
      const take = elementMatching(name, operand, this.#found.scope);
      if (path.length > 1) {
        throw new ServerError(31275, 'Cannot use $elemMatch projection on a nested field.');
      }
      addNode(this.#root, path, { kind: 'replaced' });
      this.#afterthoughts.push(take);
      this.#hasElemMatch = true;
      return true;
    }
    if (operator !== '$slice' || this.#found === undefined) return false;
    let take: Afterthought;
    try {
      take = sliceAt(path, operand);
    } catch (error) {
      // It may still be the expression.
      if (error instanceof ServerError) return false;
      throw error;
    }
    addNode(this.#root, path, { kind: 'cut' });
    this.#afterthoughts.push(take);
    this.#hasSlice = true;
    return true;
  }

  #readExpression(path: readonly string[], value: BsonDocument): void {
    const [operator = ''] = value.keys();
    if (this.#kind === 'exclusion') {
      throw new ServerError(
        31252,
        'Cannot use expression other than $meta in exclusion projection',
      );
    }
    const evaluate = compileKnown(value, operator, this.#around);
    this.#kind = 'inclusion';
    addNode(this.#root, path, { kind: 'compute', evaluate });
  }
}

function positionalInside(): ServerError {
  return new ServerError(
    31394,
    `As of 4.4, it's illegal to specify positional operator in the middle of a path. Positional projection may only be used at the end, for example: a.b.$. If the query previously used a form like a.b.$.d, remove the parts following the '$' and the results will be equivalent.`,
  );
}

/** Throws 31325 when there is no such expression. */
function compileKnown(value: BsonDocument, operator: string, around: VariableScope): Evaluator {
  try {
    return compileExpression(value, around);
  } catch (error) {
    const unknown =
      error instanceof ServerError && error.code === 168 && error.message.includes(operator);
    throw unknown ? new ServerError(31325, `Unknown expression ${operator}`) : error;
  }
}
