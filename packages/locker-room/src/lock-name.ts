/** Bytes of a name at most, so that it fits into an index with room to spare. */
const longestName = 500;

/**
 * Returns when this may name a lock.
 *
 * @throws {TypeError} otherwise, with the rule
 */
export function assertName(name: unknown): asserts name is string {
  if (typeof name !== 'string' || name === '') {
    throw new TypeError('the name of a lock must be a string of one character or more');
  }
  if (name.startsWith('$') || name.includes('\0')) {
    throw new TypeError(
      `the name of a lock must not begin with $ or hold a NUL: ${JSON.stringify(name)}`,
    );
  }
  const bytes = Buffer.byteLength(name);
  if (bytes > longestName) {
    throw new TypeError(`the name of a lock must be of ${longestName} bytes or less, not ${bytes}`);
  }
}
