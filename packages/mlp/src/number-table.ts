/** How a table of numbers is written. */
export interface NumberTableOptions {
  /** Between numbers; ',' if not given. */
  readonly delimiter?: string;
  /** Whether the first line holds names; false if not given. */
  readonly expectHeaders?: boolean;
}

/**
 * Reads a table of numbers, a row a line; empty lines do not count.
 *
 * @throws {RangeError} which tells the line, when an entry is no number or a row has another length
 */
export function parseNumberTable(
  text: string,
  { delimiter = ',', expectHeaders = false }: NumberTableOptions = {},
): number[][] {
  const rows: number[][] = [];
  for (const [i, line] of text.split(/\r?\n/).entries()) {
    if ((i === 0 && expectHeaders) || line.trim() === '') continue;
    const entries = line.split(delimiter).map((entry) => entry.trim());
    const row = entries.map(Number);
    const odd = row.findIndex((value, j) => !Number.isFinite(value) || entries[j] === '');
    if (odd >= 0) {
      throw new RangeError(`line ${i + 1}, entry ${odd + 1}: "${entries[odd]}" is no number`);
    }
    const due = rows[0]?.length ?? row.length;
    if (row.length !== due) {
      throw new RangeError(`line ${i + 1} has ${row.length} entries where the first has ${due}`);
    }
    rows.push(row);
  }
  return rows;
}
