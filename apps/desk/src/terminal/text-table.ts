/** A column: its head, and on which side its cells line up. */
export interface TextColumn {
  readonly head: string;
  readonly align: 'left' | 'right';
}

/**
 * Lays out rows of text under their heads, columns two blanks apart, a line a row.
 *
 * `paint` dresses the line of heads, for instance in bold.
 *
 * @example
 * textTable([{ head: 'Holding', align: 'left' }, { head: 'Risk', align: 'right' }], [['KO', '6.44 %']]);
 * // => 'Holding    Risk\nKO       6.44 %\n'
 */
export function textTable(
  columns: readonly TextColumn[],
  rows: readonly (readonly string[])[],
  paint: (line: string) => string = (line) => line,
): string {
  const widths = columns.map(({ head }, place) =>
    Math.max(head.length, ...rows.map((row) => row[place]?.length ?? 0)),
  );
  const line = (cells: readonly string[]) =>
    columns
      .map(({ align }, place) => {
        const cell = cells[place] ?? '';
        const width = widths[place] ?? 0;
        return align === 'left' ? cell.padEnd(width) : cell.padStart(width);
      })
      .join('  ')
      .trimEnd();
  const head = paint(line(columns.map((column) => column.head)));
  return `${[head, ...rows.map(line)].join('\n')}\n`;
}
