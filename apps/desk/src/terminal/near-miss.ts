/**
 * The known names that a mistyped one may have meant, nearest first, at most three.
 *
 * Case does not count; up to half its letters may be wrong, missing or too many.
 */
export function nearMisses(name: string, known: readonly string[]): readonly string[] {
  const wanted = name.toLowerCase();
  const farthest = Math.max(1, Math.floor(wanted.length / 2));
  return known
    .map((candidate) => ({ candidate, distance: editDistance(wanted, candidate.toLowerCase()) }))
    .filter(({ distance }) => distance <= farthest)
    .sort((one, other) => one.distance - other.distance)
    .slice(0, 3)
    .map(({ candidate }) => candidate);
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
