/** Time and chance, replaced in tests. */
export interface Clock {
  /** Milliseconds of a monotonic clock. */
  now(): number;
  /** From 0 up to but not including 1. */
  random(): number;
  /** Calls `action` once after `delay` milliseconds; the function returned prevents it. */
  after(delay: number, action: () => void): () => void;
}

/** The machine's own. Its timers do not keep a process alive. */
export const systemClock: Clock = {
  now: () => performance.now(),
  random: Math.random,
  after(delay, action) {
    const timer = setTimeout(action, delay).unref();
    return () => clearTimeout(timer);
  },
};
