/** What is said between the soak and its workers. */
import type { Control } from './control.ts';

/** What a worker is told when it starts, as JSON in its first argument. */
export interface Assignment {
  /** Names it in the whole soak. */
  readonly id: string;
  readonly uri: string;
  /** Of Redis; nothing when there is none. */
  readonly redisUrl: string | undefined;
  readonly seed: string;
  readonly control: Control | undefined;
  /** Whether its clock stands still in a pause, as that of a machine that is suspended. */
  readonly isSuspended: boolean;
}

export type Order =
  | { readonly order: 'begin'; readonly round: number; readonly journal: string }
  /** To end what is under way, and to ask for nothing more. */
  | { readonly order: 'rest' }
  | { readonly order: 'shift'; readonly milliseconds: number };

export type Report =
  | 'ready'
  | 'rested'
  /** How many locks of locker-room it holds now. */
  | { readonly held: number };
