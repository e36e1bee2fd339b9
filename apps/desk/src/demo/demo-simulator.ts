import type { TwitterAuth } from '@holdfast/post-stream';
import { StreamSimulator } from '@holdfast/post-stream/simulator';

/** Posts that are there when the demo is opened for the first time, and the hours they span. */
const firstDay = { posts: 240, hours: 24 };
const postsPerSecond = 0.3;
/** At least so much of what is made reaches the desk: the rest is off its topic, or deletions. */
const shareReceived = 0.8;
const hour = 3_600_000;

/**
 * The stream server of the demo: Twitter's v1.1 protocol on 127.0.0.1, with made-up posts.
 *
 * It always tells the same story. The first day of it comes at once, the rest by the clock.
 */
export class DemoSimulator {
  readonly #clock: StoryClock;
  readonly #server: StreamSimulator;

  private constructor(clock: StoryClock, server: StreamSimulator) {
    this.#clock = clock;
    this.#server = server;
  }

  /** Starts the server; `received` posts of the story have been told before and are not repeated. */
  static async start(received: number): Promise<DemoSimulator> {
    const clock = new StoryClock();
    const server = await StreamSimulator.start({ now: () => clock.now() });
    // Nobody is connected yet, so these reach nobody.
    await server.produce(Math.ceil(received / shareReceived));
    return new DemoSimulator(clock, server);
  }

  /** Where it listens. */
  get url(): string {
    return this.#server.url;
  }

  get auth(): TwitterAuth {
    return this.#server.auth;
  }

  /** Sends the posts of the last day to whoever is connected. */
  async tellFirstDay(): Promise<void> {
    const { posts, hours } = firstDay;
    for (let left = posts; left > 0; left -= 1) {
      await this.#clock.back((left / posts) * hours * hour, () => this.#server.produce(1));
    }
  }

  /** Goes on by the clock. */
  goOn(): void {
    this.#server.pace(postsPerSecond);
  }

  stop(): Promise<void> {
    return this.#server.stop();
  }
}

/** The clock by which posts are made; it can be put back for one of them. */
class StoryClock {
  #behind = 0;

  now(): number {
    return Date.now() - this.#behind;
  }

  async back(milliseconds: number, work: () => Promise<void>): Promise<void> {
    this.#behind = milliseconds;
    try {
      await work();
    } finally {
      this.#behind = 0;
    }
  }
}
