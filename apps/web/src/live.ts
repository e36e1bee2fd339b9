import type { DeskEvents } from '@holdfast/desk/api';

/** Who is told what the desk sends. */
export interface LiveListener {
  /** Called when events begin to arrive, and when they stop. */
  connected(live: boolean): void;
  readonly event: { readonly [Name in keyof DeskEvents]: (data: DeskEvents[Name]) => void };
}
const firstWait = 1_000;
const longestWait = 30_000;

/**
 * Follows the desk's events for as long as the page lives. The browser itself reopens a broken
 * stream; when it gives up, because the desk answered with an error, a new one is opened after
 * a wait that doubles from one second to thirty.
 */
export function followDesk(url: string, listener: LiveListener): void {
  let wait = firstWait;

  const open = (): void => {
    const source = new EventSource(url);
    source.onopen = () => {
      wait = firstWait;
      listener.connected(true);
    };
    source.onerror = () => {
      listener.connected(false);
      if (source.readyState !== EventSource.CLOSED) return;
      setTimeout(open, wait);
      wait = Math.min(longestWait, 2 * wait);
    };
    for (const [name, hear] of Object.entries(listener.event)) {
      source.addEventListener(name, ({ data }: MessageEvent<string>) => hear(JSON.parse(data)));
    }
  };

  open();
}
