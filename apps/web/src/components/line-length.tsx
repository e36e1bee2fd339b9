import type { JSX } from 'preact';

interface LineLengthProps {
  readonly columns: number;
  readonly onChange: (columns: number) => void;
}

export function LineLength({ columns, onChange }: LineLengthProps): JSX.Element {
  return (
    <label class="line-length">
      Line length
      <input
        type="range"
        min={12}
        max={60}
        value={columns}
        aria-valuetext={`${columns} characters`}
        onInput={({ currentTarget }) => onChange(currentTarget.valueAsNumber)}
      />
      <output>{columns} characters</output>
    </label>
  );
}
