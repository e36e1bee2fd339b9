import type { PageEvent, PageState } from './page-state.ts';
import { reduce } from './reduce.ts';

/** Holds the page's one state; events are the only way to change it. */
export interface Store {
  readonly state: () => PageState;
  readonly send: (event: PageEvent) => void;
}

/** A store that calls `show` with each new state. */
export function createStore(initial: PageState, show: (state: PageState) => void): Store {
  let state = initial;
  return {
    state: () => state,
    send(event) {
      const next = reduce(state, event);
      if (next === state) return;
      state = next;
      show(state);
    },
  };
}
