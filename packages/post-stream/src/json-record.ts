/** An object that came as JSON; what its fields hold is not known yet. */
export type JsonRecord = Readonly<Record<string, unknown>>;

/** The field as an object, or undefined when it is something else. */
export function recordIn(record: JsonRecord, field: string): JsonRecord | undefined {
  const value = record[field];
  return isRecord(value) ? value : undefined;
}

/** The field as a text that is not empty; a number is spelled out. */
export function textIn(record: JsonRecord, field: string): string | undefined {
  const value = record[field];
  if (typeof value === 'number') return String(value);
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** The field as a number, or 0. */
export function numberIn(record: JsonRecord, field: string): number {
  const value = record[field];
  return typeof value === 'number' ? value : 0;
}

export function isRecord(value: unknown): value is JsonRecord {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
