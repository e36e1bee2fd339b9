import { fromText, type Line, layoutLines } from '@holdfast/reader';
import type { JSX } from 'preact';
import { useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';

interface PostTextProps {
  readonly text: string;
  readonly lang: string | null;
  readonly columns: number;
}

/**
 * A post in short lines whose middle words stand one under the other.
 *
 * Screen readers get the real paragraphs; the lines are for eyes alone. All text is set as text,
 * never as markup.
 */
export function PostText({ text, lang, columns }: PostTextProps): JSX.Element {
  const frame = useRef<HTMLDivElement>(null);
  const shownColumns = Math.min(columns, useFittingColumns(frame));
  const blocks = useMemo(() => fromText(text), [text]);
  const lines = useMemo(
    () => layoutLines(blocks, { columns: shownColumns }),
    [blocks, shownColumns],
  );
  const language = lang !== null && /^[a-z]{2,3}(-[a-z0-9]{2,8})*$/i.test(lang) ? lang : undefined;

  return (
    <div class="post-text" lang={language} ref={frame}>
      <div class="visually-hidden">
        {blocks.map((block, index) => (
          <p key={index} dir="auto">
            {block.text}
          </p>
        ))}
      </div>
      <div class="lines" style={{ '--columns': shownColumns }} aria-hidden="true">
        {lines.map((line, index) => (
          <LineView key={index} line={line} isFirst={line.block !== lines[index - 1]?.block} />
        ))}
      </div>
      {shownColumns < columns && (
        <p class="fit-note">More than {shownColumns} characters do not fit here.</p>
      )}
    </div>
  );
}

interface LineViewProps {
  readonly line: Line;
  /** Whether it begins a paragraph. */
  readonly isFirst: boolean;
}

function LineView({ line, isFirst }: LineViewProps): JSX.Element {
  const kind = `line${line.mixed ? ' line-mixed' : ''}${isFirst ? ' line-first' : ''}`;
  return (
    <p class={kind} dir={line.direction}>
      {line.before && <span class="line-before">{line.before}</span>}
      <b>{line.axis}</b>
      {line.after && <span>{line.after}</span>}
    </p>
  );
}

/** Width of a column where the text is at its smallest, in px; see `.lines` in the style sheet. */
const narrowestColumn = 16 * 0.66;

/** How many columns fit into an element however small the text, kept as it changes its width. */
function useFittingColumns(frame: { readonly current: HTMLElement | null }): number {
  const [fitting, setFitting] = useState(Number.POSITIVE_INFINITY);
  useLayoutEffect(() => {
    if (frame.current === null) return;
    const observer = new ResizeObserver(([entry]) => {
      const width = entry?.contentRect.width ?? 0;
      setFitting(Math.max(12, Math.floor(width / narrowestColumn)));
    });
    observer.observe(frame.current);
    return () => observer.disconnect();
  }, [frame]);
  return fitting;
}
