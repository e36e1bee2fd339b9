/** Operators and variables whose answer may be another one the next time. */
const uncertain: ReadonlySet<unknown> = new Set([
  '$text',
  '$near',
  '$nearSphere',
  '$where',
  '$rand',
  '$sampleRate',
  '$sample',
  '$function',
  '$accumulator',
  '$$NOW',
  '$$CLUSTER_TIME',
]);

/** The first part of a filter or pipeline that need not mean the same the next time it is asked. */
export function uncertainPart(expression: unknown): string | undefined {
  if (uncertain.has(expression)) return String(expression);
  if (typeof expression !== 'object' || expression === null || '_bsontype' in expression) {
    return undefined;
  }
  const entries: Iterable<[unknown, unknown]> =
    expression instanceof Map ? expression : Object.entries(expression);
  for (const [name, value] of entries) {
    const found = uncertain.has(name) ? String(name) : uncertainPart(value);
    if (found !== undefined) return found;
  }
  return undefined;
}
