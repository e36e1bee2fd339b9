import type { JSX } from 'preact';
import type { Actions } from '../actions.ts';
import { type Command, keyCommands } from '../keys.ts';

interface CommandButtonProps {
  readonly command: Command;
  readonly label: string;
  readonly actions: Actions;
  readonly disabled?: boolean;
  readonly expanded?: boolean;
  readonly primary?: boolean;
  readonly quiet?: boolean;
}

/** A button that does what its key does, and shows that key. */
export function CommandButton({
  command,
  label,
  actions,
  disabled = false,
  expanded,
  primary = false,
  quiet = false,
}: CommandButtonProps): JSX.Element {
  const key = keyCommands.find((each) => each.command === command)?.key;
  return (
    <button
      type="button"
      class={`button${primary ? ' button-primary' : ''}${quiet ? ' button-quiet' : ''}`}
      // Not `disabled`: that would take the focus away while a verdict is being saved.
      aria-disabled={disabled}
      aria-expanded={expanded}
      aria-keyshortcuts={key}
      onClick={() => {
        if (!disabled) void actions.run(command);
      }}
    >
      {label}
      {/* biome-ignore lint/a11y/noAriaHiddenOnFocusable: a kbd takes no focus */}
      <kbd aria-hidden="true">{key}</kbd>
    </button>
  );
}
