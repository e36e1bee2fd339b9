import { DeskError } from '../desk-error.ts';
import type { Layout, RecordLayout, Row } from './layout.ts';

/**
 * A value as JSON can hold it: a long beyond what a number holds becomes a text of its digits, and
 * NaN and the infinities become texts too.
 */
export function jsonOf(value: unknown): unknown {
  if (typeof value === 'bigint') {
    const number = Number(value);
    return Number.isSafeInteger(number) ? number : String(value);
  }
  if (typeof value === 'number') {
    if (Object.is(value, -0)) return '-0';
    return Number.isFinite(value) ? value : String(value);
  }
  if (Array.isArray(value)) return value.map(jsonOf);
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([name, its]) => [name, jsonOf(its)]));
  }
  return value;
}

/** A value as a cell of a table. */
export function cellOf(value: unknown): string {
  if (value === null) return '';
  if (typeof value === 'string') return value;
  if (typeof value === 'object') return JSON.stringify(jsonOf(value));
  return Object.is(value, -0) ? '-0' : String(value);
}

/** A line of comma-separated values (RFC 4180). */
export function csvLine(cells: readonly string[]): string {
  const quoted = cells.map((cell) =>
    /[",\r\n]|^\s|\s$/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell,
  );
  return `${quoted.join(',')}\n`;
}

/**
 * Refuses a layout whose records have no flat rows.
 *
 * @throws {DeskError} `usage`
 */
export function refuseNested({ fields }: RecordLayout): void {
  const deep = fields.find(({ layout }) => !isFlat(layout));
  if (deep === undefined) return;
  throw new DeskError('usage', `${deep.name} does not fit into a cell of CSV`, 'Use JSON instead.');
}

function isFlat(layout: Layout): boolean {
  if (layout.kind === 'optional')
    return layout.of.kind === 'primitive' || layout.of.kind === 'enum';
  return layout.kind === 'primitive' || layout.kind === 'enum';
}

/** What JSON holds, as the layout's type takes it; what does not fit is left for the type to refuse. */
export function rowOf({ fields }: RecordLayout, json: unknown): Row {
  if (typeof json !== 'object' || json === null || Array.isArray(json)) return json as Row;
  const given = json as Record<string, unknown>;
  return Object.fromEntries(
    fields.map(({ name, layout }) => [name, typedValue(layout, given[name])]),
  );
}

function typedValue(layout: Layout, json: unknown): unknown {
  switch (layout.kind) {
    case 'record':
      return rowOf(layout, json);
    case 'array':
      return Array.isArray(json) ? json.map((each) => typedValue(layout.of, each)) : json;
    case 'optional':
      return json === null || json === undefined ? null : typedValue(layout.of, json);
    case 'enum':
      return json;
    case 'primitive':
      if (typeof json !== 'string') return json;
      if (layout.name === 'long') return /^[+-]?\d+$/.test(json) ? BigInt(json) : json;
      if (layout.name === 'float' || layout.name === 'double') return numberOf(json);
      return json;
  }
}

/** A cell of CSV as the layout's type takes it; an empty cell is a missing value where one may miss. */
export function cellValue(layout: Layout, cell: string): unknown {
  if (layout.kind === 'optional') return cell === '' ? null : cellValue(layout.of, cell);
  if (layout.kind !== 'primitive') return cell;
  switch (layout.name) {
    case 'utf':
    case 'char':
      return cell;
    case 'boolean':
      return cell === 'true' ? true : cell === 'false' ? false : cell;
    case 'long':
      return /^[+-]?\d+$/.test(cell) ? BigInt(cell) : cell;
    default:
      return numberOf(cell);
  }
}

/** A number, or the text itself when it is none. */
function numberOf(text: string): number | string {
  if (/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text)) return Number(text);
  return ['NaN', 'Infinity', '-Infinity'].includes(text) ? Number(text) : text;
}
