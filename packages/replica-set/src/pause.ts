/**
 * Long reads in slices.
 *
 * What reads many documents to give few puts pauses among what it gives. Who takes them may stop
 * there, let the event loop do its other work (a member that answers no heartbeat for too long is
 * voted out), and go on. A stage that passes documents on passes pauses on as well.
 */
import { setImmediate } from 'node:timers/promises';

export const pause: unique symbol = Symbol('pause');

/** Items as they are asked for, with pauses among them. */
export type Flow<T> = Iterable<T | typeof pause>;

/** Documents looked at between two pauses: well under a millisecond's work for most. */
const pauseEvery = 64;

/** The items, and a pause now and then. */
export function* withPauses<T>(items: Iterable<T>): IterableIterator<T | typeof pause> {
  let taken = 0;
  for (const item of items) {
    yield item;
    taken += 1;
    if (taken % pauseEvery === 0) yield pause;
  }
}

/** The items alone, for who takes them all in one turn. */
export function* withoutPauses<T>(flow: Flow<T>): IterableIterator<T> {
  for (const item of flow) if (item !== pause) yield item;
}

/** All items, once they have all been taken; the pauses are passed on: `yield* collected(flow)`. */
export function* collected<T>(flow: Flow<T>): Generator<typeof pause, T[]> {
  const items: T[] = [];
  for (const item of flow) {
    if (item === pause) yield pause;
    else items.push(item);
  }
  return items;
}

/** Milliseconds of one slice. */
const sliceLength = 10;

/**
 * Gives every item to `take`, until that returns true or there are no more; true when there are no more.
 *
 * Done at once when it takes less than a slice, a promise when it takes longer. `goOn` is called
 * between slices, and throws when there is no more reason to go on.
 */
export function takeAll<T>(
  flow: Iterator<T | typeof pause>,
  take: (item: T) => boolean | undefined,
  goOn: () => void,
): boolean | Promise<boolean> {
  const outcome = takeSlice(flow, take);
  return outcome ?? takeSlices(flow, take, goOn);
}

async function takeSlices<T>(
  flow: Iterator<T | typeof pause>,
  take: (item: T) => boolean | undefined,
  goOn: () => void,
): Promise<boolean> {
  for (;;) {
    await setImmediate();
    goOn();
    const outcome = takeSlice(flow, take);
    if (outcome !== undefined) return outcome;
  }
}

/** What `takeAll` returns; nothing when the slice is over before. */
function takeSlice<T>(
  flow: Iterator<T | typeof pause>,
  take: (item: T) => boolean | undefined,
): boolean | undefined {
  const end = performance.now() + sliceLength;
  for (let taken = 1; ; taken++) {
    const next = flow.next();
    if (next.done === true) return true;
    if (next.value !== pause && take(next.value) === true) return false;
    const isPlaceToLook = next.value === pause || taken % pauseEvery === 0;
    if (isPlaceToLook && performance.now() > end) return undefined;
  }
}
