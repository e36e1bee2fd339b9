import { commandClasses } from '../src/command-class.ts';
import {
  adminOperations,
  clientOperations,
  collectionOperations,
  dbOperations,
  type Operations,
  sessionOperations,
  ways,
} from '../src/operations.ts';

/** Every table that decides, by the name under which its methods are called. */
export const tables: Readonly<Record<string, Operations>> = {
  collection: collectionOperations,
  db: dbOperations,
  admin: adminOperations,
  client: clientOperations,
  session: sessionOperations,
};

/** The README's tables of operations and of commands, as the deciding code has them. */
export function operationTable(): string {
  const rows = Object.entries(ways).map(([way, words]) => {
    const methods = Object.entries(tables).flatMap(([owner, table]) =>
      [...table]
        .filter(([, operation]) => operation.way === way)
        .map(([name]) => (owner === 'collection' ? `\`${name}\`` : `\`${owner}.${name}\``)),
    );
    return [methods.join(' '), words];
  });
  const commands = Object.entries(commandClasses).map(([kind, names]) => [
    kind,
    names.map((name) => `\`${name}\``).join(' '),
  ]);
  return [
    ...markdown([['operation', 'what the proxy does'], ...rows]),
    '',
    ...markdown([['class of a command', 'commands'], ...commands, ['once', 'every other']]),
  ].join('\n');
}

/** Lines of a table as the formatter leaves them: the first row is its head. */
function markdown(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.map((row) => row[column]?.length ?? 0)),
  );
  const line = (cells: readonly string[]) =>
    `| ${widths.map((width, column) => (cells[column] ?? '').padEnd(width)).join(' | ')} |`;
  const [head = [], ...body] = rows;
  return [line(head), line(widths.map((width) => '-'.repeat(width))), ...body.map(line)];
}

const begin = '<!-- operations -->';
const end = '<!-- /operations -->';

/** The README with the tables as they should be. */
export function withOperationTable(readme: string): string {
  const [before, rest] = readme.split(begin);
  const after = rest?.split(end)[1];
  if (before === undefined || after === undefined)
    throw new Error(`README has no ${begin} … ${end}`);
  return `${before}${begin}\n\n${operationTable()}\n\n${end}${after}`;
}
