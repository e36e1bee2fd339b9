/** When a batch is full. */
export interface BatchLimits {
  /** Items. */
  readonly size: number;
  /** Milliseconds that the first item of a batch waits for others. */
  readonly delay: number;
}

/**
 * Gathers what arrives into batches, so that a flood is written in few strokes.
 *
 * Pulls nothing while a batch is being worked on, apart from the one item already asked for. A
 * source that fails or ends gives up what it has gathered first. Who leaves early should also
 * abort the source, which may be waiting for its next item.
 */
export async function* batches<T>(
  source: AsyncIterable<T>,
  { size, delay }: BatchLimits,
  after: (delay: number) => Alarm = alarm,
): AsyncGenerator<readonly T[]> {
  const items = source[Symbol.asyncIterator]();
  let ended = false;
  try {
    let next = settled(items.next());
    while (!ended) {
      const batch: T[] = [];
      let due: Alarm | undefined;
      let failure: Failed | undefined;
      while (batch.length < size) {
        const outcome = await (due === undefined ? next : Promise.race([next, due.rings]));
        if (outcome === 'due') break;
        if ('error' in outcome || outcome.result.done === true) {
          ended = true;
          failure = 'error' in outcome ? outcome : undefined;
          break;
        }
        batch.push(outcome.result.value);
        next = settled(items.next());
        due ??= after(delay);
      }
      due?.cancel();
      if (batch.length > 0) yield batch;
      if (failure !== undefined) throw failure.error;
    }
  } finally {
    // Not awaited: a source that waits for its next item would keep us waiting as well.
    if (!ended) items.return?.().catch(() => undefined);
  }
}

/** A promise that may be called off. */
export interface Alarm {
  readonly rings: Promise<'due'>;
  cancel(): void;
}

interface Failed {
  readonly error: unknown;
}

function settled<T>(next: Promise<IteratorResult<T>>) {
  return next.then(
    (result) => ({ result }),
    (error: unknown): Failed => ({ error }),
  );
}

function alarm(delay: number): Alarm {
  let timer: NodeJS.Timeout | undefined;
  const rings = new Promise<'due'>((resolve) => {
    timer = setTimeout(resolve, delay, 'due');
  });
  return { rings, cancel: () => clearTimeout(timer) };
}
