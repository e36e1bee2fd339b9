/** How the lines of waiting requests stood, looked at again and again. */
import { setTimeout as pause } from 'node:timers/promises';
import type { LockerRoom } from '../src/index.ts';
import { now } from './clock.ts';

/** Requests in the order in which they stood in one lock's line. */
export interface Line {
  readonly name: string;
  /** Before it was asked for. */
  readonly at: number;
  readonly requests: readonly string[];
}

/** Looks until it is over. */
export async function watchLines(room: LockerRoom, isOver: () => boolean): Promise<Line[]> {
  const lines: Line[] = [];
  while (!isOver()) {
    const at = now();
    for (const { _id: name, waiting } of await room.list()) {
      if (waiting.length < 2) continue;
      lines.push({ name, at, requests: waiting.map(({ owner }) => owner) });
    }
    await pause(100);
  }
  return lines;
}
