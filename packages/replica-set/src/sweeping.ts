/** Taking out of a file what drops and builds have left in it, a little at a time. */
import type { DatabaseFile } from './database-file.ts';
import { rowsOf, rowsPerCollection } from './document-rows.ts';

/**
 * Deletes at most `count` keys or documents that belong to no index and no
 * collection; keys of the `building` indexes stay. True when there may be more.
 */
export function sweepFile(
  file: DatabaseFile,
  building: ReadonlySet<number>,
  count: number,
): boolean {
  const index = orphanIndex(file, building);
  if (index !== undefined) {
    file.writeAtomically(() => {
      file
        .statement(
          `delete from entries where ("index", key, record) in
             (select "index", key, record from entries where "index" = ? limit ?)`,
        )
        .run(index, count);
    });
    return true;
  }
  const collection = orphanCollection(file);
  if (collection === undefined) return false;
  const { first, end } = rowsOf(collection);
  file.writeAtomically(() => {
    file
      .statement(
        `delete from documents where row in
           (select row from documents where row > ? and row < ? order by row limit ?)`,
      )
      .run(first, end, count);
  });
  return true;
}

function orphanIndex(file: DatabaseFile, building: ReadonlySet<number>): number | undefined {
  const next = file.statement('select min("index") as id from entries where "index" > ?');
  const known = file.statement('select 1 from indexes where id = ?');
  for (let last = 0; ; ) {
    const id = next.get(last)?.id;
    if (id === null || id === undefined) return undefined;
    last = Number(id);
    if (!building.has(last) && known.get(last) === undefined) return last;
  }
}

function orphanCollection(file: DatabaseFile): number | undefined {
  const next = file.statement('select min(row) as row from documents where row > ?');
  const known = file.statement('select 1 from collections where id = ?');
  for (let last = 0; ; ) {
    const row = next.get(last)?.row;
    if (row === null || row === undefined) return undefined;
    const id = Math.floor(Number(row) / rowsPerCollection);
    if (known.get(id) === undefined) return id;
    last = rowsOf(id).end;
  }
}
