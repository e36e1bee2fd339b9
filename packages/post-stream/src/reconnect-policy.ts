import type { Failure } from './failure.ts';

const networkStep = 250;
const networkCap = 16_000;
const httpStep = 5_000;
const httpCap = 320_000;
const limitStep = 60_000;
/** The service counts requests in windows of this length: longer waits gain nothing. */
const limitCap = 15 * 60_000;
/** Connections that may be made within the window; after that, "at once" is over. */
const attempts = 5;
const attemptsWindow = 5 * 60_000;

const fatalStatuses: readonly number[] = [401, 403, 404, 406, 413, 416];
const revoked: readonly number[] = [6, 7];
const duplicateStream = 2;

/**
 * Decides how long to wait before the next connection, by the rules of the v1.1 streams.
 *
 * | what happened | wait |
 * |---|---|
 * | network error | 250 ms more each time, up to 16 s |
 * | HTTP status | 5 s, doubling up to 320 s, or what `Retry-After` asks |
 * | 420, 429, too many connections, disconnect code 2 (another client has our credentials) | 60 s, doubling up to 15 min, or what the service asks |
 * | an established connection dropped, stalled, or ended by another disconnect code | none |
 * | the same again without a message between, or more than five times in five minutes | 250 ms more each time, up to 16 s |
 * | 401, 403, 404, 406, 413, 416, disconnect codes 6 and 7 | for ever |
 *
 * What the service asks is obeyed up to 15 min. `jitter` adds up to that part of
 * each wait, so 0.1 makes 60 s at most 66 s; `random` gives numbers from 0 to 1.
 *
 * @throws {RangeError} when `jitter` is not between 0 and 1
 */
export class ReconnectPolicy {
  readonly #jitter: number;
  readonly #random: () => number;
  #networkErrors = 0;
  #httpErrors = 0;
  #limits = 0;
  #idleDrops = 0;
  #recentDrops: number[] = [];

  constructor({
    jitter = 0,
    random = Math.random,
  }: {
    jitter?: number;
    random?: () => number;
  } = {}) {
    if (!(jitter >= 0 && jitter <= 1)) throw new RangeError(`jitter is 0 to 1, not ${jitter}`);
    this.#jitter = jitter;
    this.#random = random;
  }

  /** Milliseconds to wait after a failure at `now`; Infinity when trying again cannot help. */
  after(failure: Failure, now: number): number {
    const wait = this.#plainWait(failure, now);
    return wait === Infinity ? wait : wait * (1 + this.#jitter * this.#random());
  }

  /** To be told of the first real message of a connection: every ladder starts again. */
  succeeded(): void {
    this.#networkErrors = 0;
    this.#httpErrors = 0;
    this.#limits = 0;
    this.#idleDrops = 0;
  }

  #plainWait(failure: Failure, now: number): number {
    switch (failure.cause) {
      case 'network':
        this.#networkErrors += 1;
        return Math.min(networkCap, networkStep * this.#networkErrors);
      case 'http':
        if (fatalStatuses.includes(failure.status)) return Infinity;
        if (failure.status === 420 || failure.status === 429) {
          return this.#limited(failure.retryAfter);
        }
        this.#httpErrors += 1;
        return Math.min(
          failure.retryAfter ?? Math.min(httpCap, httpStep * 2 ** (this.#httpErrors - 1)),
          limitCap,
        );
      case 'connection-limit':
        return this.#limited();
      case 'disconnect':
        if (revoked.includes(failure.code)) return Infinity;
        return failure.code === duplicateStream ? this.#limited() : this.#dropped(now);
      case 'dropped':
      case 'stalled':
        return this.#dropped(now);
    }
  }

  #limited(retryAfter?: number): number {
    this.#limits += 1;
    return Math.min(limitCap, retryAfter ?? limitStep * 2 ** (this.#limits - 1));
  }

  #dropped(now: number): number {
    this.#idleDrops += 1;
    this.#recentDrops = this.#recentDrops.filter((at) => now - at < attemptsWindow);
    this.#recentDrops.push(now);
    const steps = Math.max(0, this.#idleDrops - 1, this.#recentDrops.length - attempts);
    return Math.min(networkCap, networkStep * steps);
  }
}
