/** Building an index over a big collection without standing in the way of the member's other work. */
import { setImmediate } from 'node:timers/promises';
import type { Catalog } from './catalog.ts';
import type { DatabaseFile } from './database-file.ts';
import type { IndexBuild } from './index-build.ts';
import { ServerError } from './server-error.ts';

/** The milliseconds of one slice: heartbeats and other clients wait no longer. */
const sliceMilliseconds = 10;

/**
 * Builds an index beside the writes that go on, and does what makes it one with
 * `adopt`, in the same turn of the event loop in which it is complete.
 *
 * `goOn` throws, between two slices, when there is no more reason to. Throws what
 * forbids the index, and 276 when the collection is dropped or the build is. A
 * build that fails leaves nothing behind but keys to be swept.
 */
export async function buildIndex(
  { file, catalog }: { readonly file: DatabaseFile; readonly catalog: Catalog },
  { namespace, bytes }: { readonly namespace: string; readonly bytes: Uint8Array },
  goOn: () => void,
  adopt: (build: IndexBuild) => void | Promise<void>,
  slice: number = sliceMilliseconds,
): Promise<void> {
  const collection = catalog.get(namespace);
  if (collection === undefined) throw new ServerError(26, `ns does not exist: ${namespace}`);
  const build = file.writeAtomically(() => collection.beginIndex(bytes));
  try {
    while (!file.writeAtomically(() => build.step(slice))) {
      await setImmediate();
      goOn();
      if (catalog.get(namespace) !== collection) throw indexBuildAborted(build);
    }
    await adopt(build);
  } finally {
    collection.abandonIndex(build);
  }
}

export function indexBuildAborted({ spec }: IndexBuild): ServerError {
  return new ServerError(276, `Index build failed: ${spec.name}: the build was aborted`);
}
