import type { JSX } from 'preact';
import { useLayoutEffect, useRef } from 'preact/hooks';
import { keyCommands } from '../keys.ts';

interface KeyHelpProps {
  readonly open: boolean;
  readonly singleKeys: boolean;
  readonly onClose: () => void;
  readonly onSingleKeys: (on: boolean) => void;
}

export function KeyHelp({ open, singleKeys, onClose, onSingleKeys }: KeyHelpProps): JSX.Element {
  const dialog = useRef<HTMLDialogElement>(null);
  useLayoutEffect(() => {
    if (open) dialog.current?.showModal();
    else dialog.current?.close();
  }, [open]);

  // The browser tells of a closing later: the dialog may be open again by then.
  const closed = (): void => {
    if (dialog.current?.open === false) onClose();
  };

  return (
    <dialog class="key-help" ref={dialog} onClose={closed} aria-labelledby="key-help-title">
      <h2 id="key-help-title">Keys</h2>
      <dl>
        {keyCommands.map(({ key, does }) => (
          <div key={key}>
            <dt>
              <kbd>{key}</kbd>
            </dt>
            <dd>{does}</dd>
          </div>
        ))}
      </dl>
      <label class="key-help-switch">
        <input
          type="checkbox"
          checked={singleKeys}
          onChange={({ currentTarget }) => onSingleKeys(currentTarget.checked)}
        />
        Use these keys (the buttons always work)
      </label>
      <button type="button" class="button" autofocus onClick={onClose}>
        Close
      </button>
    </dialog>
  );
}
