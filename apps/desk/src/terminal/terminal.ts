/** Where a command speaks: data to stdout, everything else to stderr. */
export interface Terminal {
  /** Data, as the user asked for it. */
  readonly print: (text: string) => void;
  /** Talk: a sentence and a line end. */
  readonly say: (text: string) => void;
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
  const colored = stdout.isTTY === true && (env.NO_COLOR ?? '') === '';
  return {
    print: (text) => void stdout.write(text),
    say: (text) => void stderr.write(`${text}\n`),
    bold: (text) => (colored ? `\u001b[1m${text}\u001b[22m` : text),
  };
}
