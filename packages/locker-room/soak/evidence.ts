/** All that is known of a round. */
import type { Diary } from './diary.ts';
import type { History } from './history.ts';
import type { Line } from './line-watch.ts';
import type { SideName } from './side.ts';
import type { Change } from './watch.ts';

/** What lies in a side's collections at the end. */
export interface Contents {
  /** Each counter's `n`, by name. */
  readonly counters: ReadonlyMap<string, number>;
  /** The writes that have a line in the history. */
  readonly history: ReadonlySet<string>;
}

export interface Evidence {
  readonly history: History;
  readonly diary: Diary;
  /** In the order of the server. */
  readonly changes: readonly Change[];
  readonly lines: readonly Line[];
  readonly contents: Readonly<Record<SideName, Contents>>;
  /** The wall clock less the monotonic one. */
  readonly wallClock: number;
}
