/** Bytes of a name at most, so that it fits into an index with room to spare. */
const longestName = 500;

/**
 * Returns when this may name a lock.
 *
 * @throws {TypeError} otherwise, with the rule
 */
export function assertName(name: unknown): asserts name is string {
  assertText('the name of a lock', name);
  if (/[$\0]/.test(name)) {
    throw new TypeError(`the name of a lock must hold no $ and no NUL: ${JSON.stringify(name)}`);
  }
}

/**
 * Returns when this may name an owner.
 *
 * @throws {TypeError} otherwise, with the rule
 */
export function assertOwner(owner: unknown): asserts owner is string {
  assertText('the owner of a lock', owner);
}

function assertText(what: string, text: unknown): asserts text is string {
  if (typeof text !== 'string' || text === '') {
    throw new TypeError(`${what} must be a string of one character or more`);
  }
  const bytes = Buffer.byteLength(text);
  if (bytes > longestName) {
    throw new TypeError(`${what} must be of ${longestName} bytes or less, not ${bytes}`);
  }
}
