import type { JSX } from 'preact';
import type { Failure } from '../page-state.ts';

interface FailureBoxProps {
  readonly failure: Failure;
  readonly onClose?: () => void;
}

export function FailureBox({ failure, onClose }: FailureBoxProps): JSX.Element {
  return (
    <div class="failure" role="alert">
      <p>
        <b>{failure.message}</b> {failure.mend}
      </p>
      {onClose && (
        <button type="button" class="button button-quiet" onClick={onClose}>
          Close
        </button>
      )}
    </div>
  );
}
