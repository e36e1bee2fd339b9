import type { ComponentChildren, JSX } from 'preact';

interface SidewaysScrollProps {
  readonly label: string;
  readonly children: ComponentChildren;
}

/** Scrolls what is too wide for the page; by keyboard as well, so it takes the focus. */
export function SidewaysScroll({ label, children }: SidewaysScrollProps): JSX.Element {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: only so can the keyboard scroll it
    <section class="sideways" aria-label={label} tabIndex={0}>
      {children}
    </section>
  );
}
