/** Operations of a bulk write that are sent together, by their place in the caller's list. */
export interface WritePart {
  /** Whether one of them may change many documents, so that no number can mark the command. */
  readonly isMany: boolean;
  readonly indexes: readonly number[];
}

/**
 * Cuts a bulk write where the way of protecting its operations changes.
 *
 * An ordered one is cut into runs; in an unordered one the single-document operations come first,
 * the others after them.
 */
export function writeParts<T>(
  operations: readonly T[],
  isMany: (operation: T) => boolean,
  ordered: boolean,
): WritePart[] {
  const parts: { isMany: boolean; indexes: number[] }[] = [];
  for (const [index, operation] of operations.entries()) {
    const many = isMany(operation);
    const part = ordered ? parts.at(-1) : parts.find((each) => each.isMany === many);
    if (part?.isMany === many) part.indexes.push(index);
    else parts.push({ isMany: many, indexes: [index] });
  }
  return parts.sort((a, b) => (ordered ? 0 : Number(a.isMany) - Number(b.isMany)));
}
