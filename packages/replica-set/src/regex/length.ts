/** How many characters parts of a pattern take, which is what looking behind needs to know. */
import { InvalidPattern, type RegexNode } from './syntax.ts';

/** @throws {InvalidPattern} unless each branch always takes as many characters */
export function requireFixedLength(part: RegexNode): void {
  for (const branch of part.kind === 'choice' ? part.branches : [part]) {
    if (lengthOf(branch) === undefined) {
      throw new InvalidPattern('lookbehind assertion is not fixed length');
    }
  }
}

/** How many characters a part takes, if always as many. */
export function lengthOf(node: RegexNode): number | undefined {
  switch (node.kind) {
    case 'set':
      return 1;
    case 'sequence':
      return node.parts.reduce<number | undefined>((sum, part) => {
        const length = lengthOf(part);
        return sum === undefined || length === undefined ? undefined : sum + length;
      }, 0);
    case 'choice': {
      const [first, ...others] = node.branches.map(lengthOf);
      return others.every((length) => length === first) ? first : undefined;
    }
    case 'repeat': {
      const length = lengthOf(node.part);
      return length === undefined || node.least !== node.most ? undefined : length * node.least;
    }
    case 'capture':
    case 'atomic':
      return lengthOf(node.part);
    case 'backreference':
      return undefined;
    default:
      return 0;
  }
}
