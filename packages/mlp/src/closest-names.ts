/**
 * An unknown name and what may have been meant by it, to end a sentence with.
 *
 * Case does not count; up to half the letters may be wrong, missing or too many.
 *
 * @example
 * closestNames('ouput_nll', ['output_nll', 'objective']); // => '"ouput_nll"; did you mean output_nll?'
 */
export function closestNames(name: string, known: readonly string[]): string {
  const wanted = name.toLowerCase();
  const farthest = Math.max(1, Math.floor(wanted.length / 2));
  const near = known
    .map((candidate) => ({ candidate, distance: editDistance(wanted, candidate.toLowerCase()) }))
    .filter(({ distance }) => distance <= farthest)
    .sort((one, other) => one.distance - other.distance)
    .slice(0, 3)
    .map(({ candidate }) => candidate);
  if (near.length > 0) return `"${name}"; did you mean ${near.join(' or ')}?`;
  if (known.length === 0) return `"${name}"; there are none`;
  return `"${name}"; there are ${known.slice(0, 60).join(', ')}`;
}

/** Levenshtein's: the fewest letters to change, add or drop. */
function editDistance(one: string, other: string): number {
  let row = Array.from({ length: other.length + 1 }, (_, column) => column);
  for (const [line, letter] of Array.from(one).entries()) {
    const next = [line + 1];
    for (const [column, second] of Array.from(other).entries()) {
      const changed = (row[column] ?? 0) + (letter === second ? 0 : 1);
      next.push(Math.min(changed, (row[column + 1] ?? 0) + 1, (next[column] ?? 0) + 1));
    }
    row = next;
  }
  return row[other.length] ?? 0;
}
