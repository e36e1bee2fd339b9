/** Records that get a site of their own. */
const siteCount = 16;
/** The most fields of a group. */
const siteWidth = 8;

/** The text of `src/record-sites.ts`: the same function over and over. */
export function recordSitesSource(): string {
  return `// Built from ../kernels by \`npm run kernels -w packages/data-stream\`; not to be edited.
import type { FieldAccess, FieldGroup, SiteField } from './field-access.ts';

const nothing = (): void => {};
const none: SiteField = { key: '', read: nothing, write: nothing, offset: 0, run: 0 };

/** The most fields of a group. */
export const siteWidth = ${siteWidth};

/** What \`accessByLoop\` does, at a place of its own each. */
export const recordSites: readonly ((group: FieldGroup) => FieldAccess)[] = [
${site().repeat(siteCount)}];
`;
}

function site(): string {
  const places = Array.from({ length: siteWidth }, (_, i) => i);
  const last = siteWidth - 1;
  const fields = places.map((i) => `f${i} = none`).join(', ');
  const parts = places.map(
    (i) => `    const { key: k${i}, read: r${i}, write: w${i}, offset: o${i}, run: n${i} } = f${i};
`,
  );
  const reads = places.map(
    (i) => `        if (n${i} !== 0) at = cursor.take(n${i}, 'a record');
        into[k${i}] = r${i}(cursor, at + o${i});
${i < last ? `        if (length === ${i + 1}) return into;\n` : ''}`,
  );
  const writes = places.map(
    (i) => `        if (n${i} !== 0) at = buffer.advance(n${i});
        w${i}(buffer, from[k${i}], at + o${i});
${i < last ? `        if (length === ${i + 1}) return;\n` : ''}`,
  );
  return `  ({ fields, rest }) => {
    const { length } = fields;
    const [${fields}] =
      fields;
${parts.join('')}    return {
      read(cursor, into = {}) {
        let at = 0;
${reads.join('')}        return rest === undefined ? into : rest.read(cursor, into);
      },
      write(buffer, from) {
        let at = 0;
${writes.join('')}        rest?.write(buffer, from);
      },
    };
  },
`;
}
