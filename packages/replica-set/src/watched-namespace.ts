/** What a change stream watches: a collection, a database or the whole deployment. */
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
  readonly #end: OperationKind | undefined;

  private constructor(name: string, range: NamespaceRange, end: OperationKind | undefined) {
    this.name = name;
    this.range = range;
    this.#end = end;
  }

  static collection(database: string, collection: string): WatchedNamespace {
    refuseInternal(database);
    const namespace = `${database}.${collection}`;
    return new WatchedNamespace(namespace, [namespace, `${namespace}\u0001`], 'drop');
  }

  static database(database: string): WatchedNamespace {
    refuseInternal(database);
    const name = `${database}.$cmd.aggregate`;
    return new WatchedNamespace(name, [`${database}.`, `${database}/`], 'dropDatabase');
  }

  static deployment(): WatchedNamespace {
    return new WatchedNamespace('admin.$cmd.aggregate', ['', '\u{10ffff}'], undefined);
  }

  includes(namespace: string): boolean {
    return !internal.has(namespace.slice(0, namespace.indexOf('.')));
  }

  /** True when nothing of what is watched is left after the change. */
  isEndedBy({ kind, namespace }: { kind: OperationKind; namespace: string }): boolean {
    const [first, end] = this.range;
    return kind === this.#end && namespace >= first && namespace < end;
  }
}

function refuseInternal(database: string): void {
  if (!internal.has(database)) return;
  throw new ServerError(73, `$changeStream may not be opened on the internal ${database} database`);
}
