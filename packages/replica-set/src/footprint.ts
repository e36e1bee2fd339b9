/** What a collection takes in a file: its documents, and the keys of its indexes. */
import type { EncodableDocument } from './bson-document.ts';
import type { Collection } from './collection.ts';
import type { DatabaseFile } from './database-file.ts';

interface Footprint {
  readonly count: number;
  /** The bytes of the documents themselves. */
  readonly size: number;
  /** With what is around them, about. */
  readonly storage: number;
  readonly indexes: readonly {
    readonly name: string;
    readonly size: number;
    readonly entries: number;
  }[];
}

/** What SQLite adds to a row, about. */
const rowBytes = 12;

/** Counted by reading through all of it. */
export function footprintOf(file: DatabaseFile, { rows, indexes }: Collection): Footprint {
  const documents = file
    .statement(
      'select count(*) as count, total(length(document)) as size from documents where row > ? and row < ?',
    )
    .get(rows.first, rows.end);
  const count = Number(documents?.count ?? 0);
  const size = Number(documents?.size ?? 0);
  const keys = file.statement(
    'select count(*) as entries, total(length(key)) as size from entries where "index" = ?',
  );
  return {
    count,
    size,
    storage: size + count * rowBytes,
    indexes: indexes.map(({ id, spec }) => {
      const row = keys.get(id);
      const entries = Number(row?.entries ?? 0);
      return { name: spec.name, size: Number(row?.size ?? 0) + entries * rowBytes, entries };
    }),
  };
}

const nothing: Footprint = { count: 0, size: 0, storage: 0, indexes: [] };

/** What `collStats` and `$collStats` tell of a collection, which may be none; bytes are divided by `scale`. */
export function storageStats(
  file: DatabaseFile,
  collection: Collection | undefined,
  scale: number,
): EncodableDocument {
  const { count, size, storage, indexes } =
    collection === undefined ? nothing : footprintOf(file, collection);
  const scaled = (bytes: number) => Math.floor(bytes / scale);
  const indexBytes = indexes.reduce((sum, each) => sum + each.size, 0);
  const { capped } = collection?.settings ?? {};
  return {
    size: scaled(size),
    count,
    ...(count > 0 && { avgObjSize: Math.floor(size / count) }),
    numOrphanDocs: 0,
    storageSize: scaled(storage),
    freeStorageSize: 0,
    capped: capped !== undefined,
    ...(capped && {
      max: Number.isFinite(capped.documents) ? capped.documents : 0,
      maxSize: scaled(capped.bytes),
    }),
    nindexes: indexes.length,
    indexBuilds: collection?.builds.map(({ spec }) => spec.name) ?? [],
    totalIndexSize: scaled(indexBytes),
    totalSize: scaled(storage + indexBytes),
    indexSizes: Object.fromEntries(indexes.map((each) => [each.name, scaled(each.size)])),
    scaleFactor: scale,
  };
}
