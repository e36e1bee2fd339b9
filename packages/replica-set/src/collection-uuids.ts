/** Which collection a name stood for at a point of the log: the name may have gone to another since. */
import type { Binary } from 'bson';
import { decodeDocument } from './bson-decoder.ts';
import type { Catalog } from './catalog.ts';
import type { LoggedChange } from './log-history.ts';
import type { ReplicaLog } from './replica-log.ts';

/** Asked along the log, never backward. */
export class CollectionUuids {
  readonly #log: ReplicaLog;
  readonly #catalog: Catalog;
  readonly #known = new Map<string, Uint8Array | undefined>();

  constructor(log: ReplicaLog, catalog: Catalog) {
    this.#log = log;
    this.#catalog = catalog;
  }

  /** The uuid of what a change changes; nothing when that is no longer known. */
  of({ namespace, position }: LoggedChange): Uint8Array | undefined {
    if (!this.#known.has(namespace)) {
      this.#known.set(namespace, this.#find(namespace, position));
    }
    return this.#known.get(namespace);
  }

  /** Tells that the log was read past a change, behind which names may mean something else. */
  pass({ kind }: LoggedChange): void {
    if (kind === 'create' || kind === 'drop' || kind === 'rename') this.#known.clear();
  }

  /** Follows the name through what happened to it later, up to where its collection was dropped, or is now. */
  #find(namespace: string, position: number): Uint8Array | undefined {
    let name = namespace;
    for (const entry of this.#log.history.dropsAndRenames(position)) {
      const told = decodeDocument(entry.payload);
      if (entry.kind === 'drop') {
        if (entry.namespace === name) return bytesOf(told.get('uuid'));
      } else if (entry.namespace === name) {
        name = String(told.get('to'));
      } else if (told.get('to') === name) {
        return bytesOf(told.get('dropped'));
      }
    }
    return this.#catalog.get(name)?.uuid;
  }
}

function bytesOf(uuid: unknown): Uint8Array | undefined {
  return (uuid as Binary | undefined)?.buffer;
}
