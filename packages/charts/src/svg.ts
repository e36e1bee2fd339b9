type Attributes = Readonly<Record<string, string | number>>;

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Text as markup that means just that text; what XML 1.0 cannot hold becomes U+FFFD. */
function escapeXml(text: string): string {
  return text
    .toWellFormed()
    .replace(/[^\t\n\r\u0020-\uFFFD\u{10000}-\u{10FFFF}]/gu, '\uFFFD')
    .replace(/[&<>"']/g, (sign) => entities[sign] ?? sign);
}

/** An element whose content is markup already. Coordinates are kept to hundredths. */
export function element(name: string, attributes: Attributes, ...content: string[]): string {
  const written = Object.entries(attributes).map(([key, value]) => {
    const text = typeof value === 'number' ? String(Math.round(value * 100) / 100) : value;
    return ` ${key}="${escapeXml(text)}"`;
  });
  return `<${name}${written.join('')}>${content.join('')}</${name}>`;
}

/** A `<text>` element: one line of words, escaped. */
export function words(text: string, attributes: Attributes): string {
  return element('text', attributes, escapeXml(text));
}

/** A picture that screen readers announce by title and description. */
export function picture(
  {
    width,
    height,
    title,
    description,
  }: { width: number; height: number; title: string; description: string },
  ...content: string[]
): string {
  return element(
    'svg',
    {
      xmlns: 'http://www.w3.org/2000/svg',
      role: 'img',
      width,
      height,
      viewBox: `0 0 ${width} ${height}`,
      'font-family': 'system-ui, sans-serif',
      'font-size': 12,
      fill: 'currentColor',
    },
    element('title', {}, escapeXml(title)),
    element('desc', {}, escapeXml(description)),
    ...content,
  );
}

/** At most `length` characters, the cut marked. */
export function clip(text: string, length: number): string {
  const letters = Array.from(text);
  return letters.length <= length ? text : `${letters.slice(0, length - 1).join('')}…`;
}

/** Pixels that hold the longest of these texts at font size 12, in capitals of a wide font. */
export function widthOf(texts: readonly string[]): number {
  return Math.ceil(9 * Math.max(...texts.map((text) => Array.from(text).length)));
}
