/** Where a command speaks: data to stdout, everything else to stderr. */
export interface Terminal {
  /** Data, as the user asked for it. */
  readonly print: (text: string) => void;
  /** Talk: a sentence and a line end. */
  readonly say: (text: string) => void;
  /** A line that the next one replaces, and the empty one takes away; nothing off a terminal. */
  readonly progress: (line: string) => void;
  /** Bold where colours are welcome, else the text itself. */
  readonly bold: (text: string) => string;
}

/**
 * The terminal of this process.
 *
 * Colours are left out off a terminal, and when NO_COLOR is set to anything but the empty string.
 */
export function processTerminal({
  stdout,
  stderr,
  env,
}: Pick<NodeJS.Process, 'stdout' | 'stderr' | 'env'> = process): Terminal {
  const width = () => (stderr as Partial<NodeJS.WriteStream>).columns || 80;
  const colored = stdout.isTTY === true && (env.NO_COLOR ?? '') === '';
  return {
    print: (text) => void stdout.write(text),
    say: (text) => void stderr.write(`${text}\n`),
    progress: (line) => {
      if (stderr.isTTY === true) stderr.write(`\r\u001b[K${line.slice(0, width() - 1)}`);
    },
    bold: (text) => (colored ? `\u001b[1m${text}\u001b[22m` : text),
  };
}
