/** What a single key does on the Read screen, in the order the help shows. */
export const keyCommands = [
  { key: 'f', command: 'keep', does: 'keep, and go on' },
  { key: 'd', command: 'skip', does: 'skip, and go on' },
  { key: 'u', command: 'undo', does: 'undo the last verdict, again and again' },
  { key: 'w', command: 'why', does: 'why this post stands here' },
  { key: 'j', command: 'next', does: 'next post' },
  { key: 'k', command: 'previous', does: 'previous post' },
  { key: '.', command: 'load', does: 'load new posts' },
  { key: '?', command: 'help', does: 'these keys' },
] as const;

export type Command = (typeof keyCommands)[number]['command'];

/** Commands that must not run on while a key is held down. */
const oncePerPress: ReadonlySet<Command> = new Set(['keep', 'skip', 'undo', 'why', 'load', 'help']);

const fields = 'input:not([type=range], [type=checkbox]), textarea, select, [contenteditable]';

/** The command of a key press, or undefined: while typing, and with Ctrl, Alt or Meta, none. */
export function commandOf(press: KeyboardEvent): Command | undefined {
  if (press.ctrlKey || press.altKey || press.metaKey || press.defaultPrevented) return undefined;
  if (press.target instanceof Element && press.target.closest(fields) !== null) return undefined;
  const command = keyCommands.find(({ key }) => key === press.key)?.command;
  if (command !== undefined && press.repeat && oncePerPress.has(command)) return undefined;
  return command;
}
