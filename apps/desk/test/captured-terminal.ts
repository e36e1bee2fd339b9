import type { Terminal } from '../src/terminal/terminal.ts';

/** A terminal that keeps what it is told. */
export interface CapturedTerminal extends Terminal {
  readonly printed: string;
  readonly said: string;
}

export function capturedTerminal(): CapturedTerminal {
  let printed = '';
  let said = '';
  return {
    print: (text) => {
      printed += text;
    },
    say: (text) => {
      said += `${text}\n`;
    },
    progress: () => {},
    bold: (text) => text,
    get printed() {
      return printed;
    },
    get said() {
      return said;
    },
  };
}
