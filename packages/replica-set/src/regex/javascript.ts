/** Patterns as JavaScript's own engine takes them, and when it may be trusted with them. */
import type { Assertion, RegexNode } from './syntax.ts';

/**
 * How long the engine of JavaScript, which goes back over what it has tried without end, may take
 * for a pattern at worst.
 */
export interface Cost {
  /** Ways that do not depend on the length of the text. */
  readonly ways: number;
  /** How often ways are multiplied by the length of the text. */
  readonly power: number;
  /** How large the pattern is with its repeats written out. */
  readonly size: number;
}

const endless: Cost = { ways: Number.POSITIVE_INFINITY, power: 0, size: 1 };
const largest = 5000;

/** The worst that matching at one place can take; infinite when parts that vary are repeated. */
export function costOf(node: RegexNode): Cost {
  switch (node.kind) {
    case 'sequence':
      return product(node.parts.map(costOf));
    case 'choice': {
      const costs = node.branches.map(costOf);
      return {
        ways: costs.reduce((sum, { ways }) => sum + ways, 0),
        power: Math.max(...costs.map(({ power }) => power)),
        size: costs.reduce((sum, { size }) => sum + size, 0),
      };
    }
    case 'repeat': {
      const { ways, power, size } = costOf(node.part);
      const written = size * Math.max(node.least, Number.isFinite(node.most) ? node.most : 1);
      if ((node.most > 1 && (ways > 1 || power > 0)) || written > largest) return endless;
      if (node.most === Number.POSITIVE_INFINITY) {
        return { ways: ways * 2, power: power + 1, size: written };
      }
      return { ways: ways * (node.most - node.least + 1), power, size: written };
    }
    case 'capture':
    case 'look':
      return costOf(node.part);
    case 'atomic':
    case 'backreference':
    case 'keep':
      return endless;
    default:
      return { ways: 1, power: 0, size: 1 };
  }
}

function product(costs: readonly Cost[]): Cost {
  return costs.reduce(
    (a, b) => ({ ways: a.ways * b.ways, power: a.power + b.power, size: a.size + b.size }),
    { ways: 1, power: 0, size: 0 },
  );
}

const word = '[0-9A-Za-z_]';
const assertions: Readonly<Record<Assertion, string>> = {
  start: '^',
  lineStart: '(?<![^\\n])',
  end: '(?=\\n?$)',
  lineEnd: '(?![^\\n])',
  veryEnd: '$',
  wordEdge: `(?-i:(?<=${word})(?!${word})|(?<!${word})(?=${word}))`,
  noWordEdge: `(?-i:(?<=${word})(?=${word})|(?<!${word})(?!${word}))`,
};

/** The same pattern in JavaScript's syntax, for the flag `u`; nothing where it cannot be written. */
export function toJavaScript(node: RegexNode): string | undefined {
  switch (node.kind) {
    case 'set':
      return node.ignoreCase ? `(?i:${node.source})` : node.source;
    case 'sequence':
      return joined(node.parts, '');
    case 'choice': {
      const branches = joined(node.branches, '|');
      return branches === undefined ? undefined : `(?:${branches})`;
    }
    case 'repeat': {
      const part = toJavaScript(node.part);
      if (part === undefined) return undefined;
      const most = node.most === Number.POSITIVE_INFINITY ? '' : node.most;
      return `(?:${part}){${node.least},${most}}${node.greedy ? '' : '?'}`;
    }
    case 'capture': {
      const part = toJavaScript(node.part);
      return part === undefined ? undefined : `(${part})`;
    }
    case 'look': {
      const part = toJavaScript(node.part);
      const sign = `${node.ahead ? '' : '<'}${node.negative ? '!' : '='}`;
      return part === undefined ? undefined : `(?${sign}${part})`;
    }
    case 'assertion':
      return assertions[node.assertion];
    default:
      return undefined;
  }
}

function joined(nodes: readonly RegexNode[], between: string): string | undefined {
  const parts = nodes.map(toJavaScript);
  return parts.includes(undefined) ? undefined : parts.join(between);
}
