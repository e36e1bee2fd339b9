/** The checker: is what a cursor gave what there was when it began? */

export interface Row {
  readonly id: number;
  /** Absent where a query does not show it. */
  readonly key?: number | undefined;
  /** Rises with every change. */
  readonly version: number;
}

/** What of a result's order is promised: all of it, that keys rise, or nothing. */
export type Order = 'whole' | 'key' | 'none';

export interface Difference {
  readonly promise: string;
  readonly detail: string;
}

/** Every way in which `rows` differs from `expected`, with how many and the first ones. */
export function compareRead(
  rows: readonly Row[],
  expected: readonly Row[],
  order: Order,
): Difference[] {
  const due = new Map(expected.map((row) => [row.id, row]));
  const seen = new Set<number>();
  const twice: number[] = [];
  const foreign: number[] = [];
  const changed: number[] = [];
  for (const row of rows) {
    const truth = due.get(row.id);
    if (seen.has(row.id)) twice.push(row.id);
    else if (truth === undefined) foreign.push(row.id);
    else if (truth.key !== row.key || truth.version !== row.version) changed.push(row.id);
    seen.add(row.id);
  }
  const missing = expected.filter(({ id }) => !seen.has(id)).map(({ id }) => id);
  const misplaced =
    twice.length + foreign.length + missing.length > 0 ? [] : outOfOrder(rows, expected, order);
  const differences = [
    { promise: 'a cursor gives every document that was there when it began', ids: missing },
    { promise: 'a cursor gives no document twice', ids: twice },
    { promise: 'a cursor gives no document that was not there when it began', ids: foreign },
    { promise: 'a cursor gives documents as they were when it began', ids: changed },
    { promise: 'a cursor gives documents in their order', ids: misplaced },
  ];
  return differences.flatMap(({ promise, ids }) => {
    if (ids.length === 0) return [];
    const first = `${ids.slice(0, 5).join(', ')}${ids.length > 5 ? ', ...' : ''}`;
    return [{ promise, detail: `${ids.length} of ${expected.length}: ${first}` }];
  });
}

function outOfOrder(rows: readonly Row[], expected: readonly Row[], order: Order): number[] {
  const misplaced = (row: Row, at: number): boolean => {
    if (order === 'whole') return row.id !== expected[at]?.id;
    if (order === 'none' || at === 0) return false;
    return (row.key ?? 0) < (rows[at - 1]?.key ?? 0);
  };
  return rows.filter(misplaced).map(({ id }) => id);
}
