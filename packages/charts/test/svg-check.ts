import { expect } from 'vitest';

/** One element of a picture, as a test wants to see it. */
export interface SvgElement {
  readonly name: string;
  readonly attributes: ReadonlyMap<string, string>;
  readonly text: string;
}

const entities: Readonly<Record<string, string>> = {
  '&amp;': '&',
  '&lt;': '<',
  '&gt;': '>',
  '&quot;': '"',
  '&#39;': "'",
};

/**
 * Reads a picture strictly: balanced tags, quoted attributes each once, known entities, no
 * character that XML forbids; and no style, script, handler or link in it.
 */
export function readSvg(svg: string): SvgElement[] {
  expect(svg).toMatch(/^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg" role="img" /);
  expect(svg).toMatch(/<\/svg>$/);
  expect(svg.isWellFormed()).toBe(true);
  const open: string[] = [];
  const elements: SvgElement[] = [];
  let rest = svg;
  while (rest !== '') {
    const close = /^<\/([a-z]+)>/.exec(rest);
    const start = /^<([a-z]+)((?: [a-zA-Z-]+="[^"<>]*")*)>([^<>]*)/.exec(rest);
    if (close !== null) {
      expect(open.pop()).toBe(close[1]);
    } else if (start !== null) {
      const [, name = '', attributes = '', text = ''] = start;
      open.push(name);
      elements.push({ name, attributes: readAttributes(attributes), text: readText(text) });
    }
    const taken = close?.[0] ?? start?.[0];
    if (taken === undefined) throw new Error(`no XML: ${rest.slice(0, 80)}`);
    rest = rest.slice(taken.length);
  }
  expect(open).toEqual([]);
  expect(new Set(elements.map(({ name }) => name))).toEqual(
    new Set([
      ...['svg', 'title', 'desc', 'text'],
      ...['rect', 'path'].filter((name) => svg.includes(`<${name}`)),
    ]),
  );
  return elements;
}

function readAttributes(written: string): ReadonlyMap<string, string> {
  const attributes = new Map<string, string>();
  for (const [, key = '', value = ''] of written.matchAll(/ ([a-zA-Z-]+)="([^"]*)"/g)) {
    expect(attributes.has(key)).toBe(false);
    expect(key).not.toMatch(/^(style|class|id|href|on.*)$/);
    expect(value).not.toContain('NaN');
    attributes.set(key, readText(value));
  }
  return attributes;
}

function readText(written: string): string {
  expect(holdable(written)).toBe(written);
  return written.replace(/&[^;]*;?/g, (entity) => {
    const sign = entities[entity];
    if (sign === undefined) throw new Error(`unknown entity ${entity}`);
    return sign;
  });
}

/** The text as XML 1.0 can hold it (section 2.2): U+FFFD in the place of what it cannot. */
export function holdable(text: string): string {
  return Array.from(text.toWellFormed())
    .map((sign) => {
      const code = sign.codePointAt(0) ?? 0;
      const allowed = code >= 0x20 ? code !== 0xfffe && code !== 0xffff : '\t\n\r'.includes(sign);
      return allowed ? sign : '\uFFFD';
    })
    .join('');
}
