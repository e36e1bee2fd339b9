/** What a change stream watches: a collection, a database or the whole deployment. */
import { decodeDocument } from './bson-decoder.ts';
import type { LoggedChange } from './log-history.ts';
import type { OperationKind } from './operation.ts';
import { ServerError } from './server-error.ts';

/** Namespaces from the first up to, but without, the second; in the order of their bytes. */
export type NamespaceRange = readonly [first: string, end: string];

const internal = new Set(['admin', 'config', 'local']);

export class WatchedNamespace {
  /** All that is watched lies within, and little else. */
  readonly range: NamespaceRange;
  /** As the cursor is called. */
  readonly name: string;
  /** What leaves nothing of it. */
  readonly #ends: readonly OperationKind[];

  private constructor(name: string, range: NamespaceRange, ends: readonly OperationKind[]) {
    this.name = name;
    this.range = range;
    this.#ends = ends;
  }

  static collection(database: string, collection: string): WatchedNamespace {
    refuseInternal(database);
    const namespace = `${database}.${collection}`;
    return new WatchedNamespace(namespace, [namespace, `${namespace}\u0001`], ['drop', 'rename']);
  }

  static database(database: string): WatchedNamespace {
    refuseInternal(database);
    const name = `${database}.$cmd.aggregate`;
    return new WatchedNamespace(name, [`${database}.`, `${database}/`], ['dropDatabase']);
  }

  static deployment(): WatchedNamespace {
    return new WatchedNamespace('admin.$cmd.aggregate', ['', '\u{10ffff}'], []);
  }

  /** True for a change of what is watched; a rename concerns both of its names. */
  includes({ kind, namespace, payload }: LoggedChange): boolean {
    if (this.#isNamed(namespace)) return true;
    return kind === 'rename' && this.#isNamed(String(decodeDocument(payload).get('to')));
  }

  #isNamed(namespace: string): boolean {
    const [first, end] = this.range;
    const database = namespace.slice(0, namespace.indexOf('.'));
    return namespace >= first && namespace < end && !internal.has(database);
  }

  /** True when nothing of what is watched is left after a change that it includes. */
  isEndedBy({ kind, namespace }: { kind: OperationKind; namespace: string }): boolean {
    return this.#ends.includes(kind) && (kind === 'rename' || this.#isNamed(namespace));
  }
}

function refuseInternal(database: string): void {
  if (!internal.has(database)) return;
  throw new ServerError(73, `$changeStream may not be opened on the internal ${database} database`);
}
