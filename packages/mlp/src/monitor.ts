import { closestNames } from './closest-names.ts';
import { MlpError } from './mlp-error.ts';

/** A figure over time: entries of the same place in all lists belong together. */
export interface Channel {
  /** The values, oldest first. */
  readonly valRecord: readonly number[];
  /** How many epochs, batches and examples had been seen when each was taken. */
  readonly epochRecord: readonly number[];
  readonly batchRecord: readonly number[];
  readonly exampleRecord: readonly number[];
  /** Seconds since the monitor was made. */
  readonly timeRecord: readonly number[];
}

/** Something that is measured whenever a monitor is asked to: a value for each channel. */
export type Measurement = () => Readonly<Record<string, number>>;

interface Records {
  readonly valRecord: number[];
  readonly epochRecord: number[];
  readonly batchRecord: number[];
  readonly exampleRecord: number[];
  readonly timeRecord: number[];
}

/** What a monitor has counted. */
export interface Experience {
  readonly epochsSeen: number;
  readonly batchesSeen: number;
  readonly examplesSeen: number;
}

/** There is no channel of a name that was asked for. */
export class UnknownChannelError extends MlpError {
  override readonly name = 'UnknownChannelError';
  readonly code = 'unknown-channel';
  readonly channelName: string;

  constructor(channelName: string, known: readonly string[]) {
    super(`there is no channel ${closestNames(channelName, known)}`);
    this.channelName = channelName;
  }
}

/** Counts what a net has seen, and records figures whenever it is asked to. */
export class Monitor {
  readonly #channels = new Map<string, Records>();
  readonly #measurements: Measurement[] = [];
  readonly #begun = performance.now();
  #epochsSeen: number;
  #batchesSeen: number;
  #examplesSeen: number;

  constructor({ epochsSeen = 0, batchesSeen = 0, examplesSeen = 0 }: Partial<Experience> = {}) {
    this.#epochsSeen = epochsSeen;
    this.#batchesSeen = batchesSeen;
    this.#examplesSeen = examplesSeen;
  }

  get epochsSeen(): number {
    return this.#epochsSeen;
  }

  get batchesSeen(): number {
    return this.#batchesSeen;
  }

  get examplesSeen(): number {
    return this.#examplesSeen;
  }

  /** The figures by name; empty before the first record. */
  get channels(): Readonly<Record<string, Channel>> {
    return Object.fromEntries(this.#channels);
  }

  /**
   * The records of one channel.
   *
   * @throws {UnknownChannelError} which names the channels that come nearest
   */
  channel(name: string): Channel {
    const channel = this.#channels.get(name);
    if (channel === undefined) throw new UnknownChannelError(name, [...this.#channels.keys()]);
    return channel;
  }

  /** The last value of a channel, as `channel` finds it. */
  last(name: string): number {
    return this.channel(name).valRecord.at(-1) as number;
  }

  /** Whether anything is measured. */
  get isMeasuring(): boolean {
    return this.#measurements.length > 0;
  }

  /** Has more measured from now on. */
  add(measurement: Measurement): void {
    this.#measurements.push(measurement);
  }

  /** Has nothing measured any more; what was recorded stays. */
  clear(): void {
    this.#measurements.length = 0;
  }

  /** Says that the net has learnt from a batch of so many examples. */
  reportBatch(examples: number): void {
    this.#batchesSeen++;
    this.#examplesSeen += examples;
  }

  /** Says that an epoch has passed. */
  reportEpoch(): void {
    this.#epochsSeen++;
  }

  /** Takes a record of each figure as the net is now; none when nothing is measured. */
  update(): void {
    const seconds = (performance.now() - this.#begun) / 1000;
    for (const measure of this.#measurements) {
      for (const [name, value] of Object.entries(measure())) this.record(name, value, seconds);
    }
  }

  /** Adds a value to a channel; a net that is read from a file gets its last ones so. */
  record(name: string, value: number, seconds = 0): void {
    let channel = this.#channels.get(name);
    if (channel === undefined) {
      channel = {
        ...{ valRecord: [], epochRecord: [], batchRecord: [] },
        ...{ exampleRecord: [], timeRecord: [] },
      };
      this.#channels.set(name, channel);
    }
    channel.valRecord.push(value);
    channel.epochRecord.push(this.#epochsSeen);
    channel.batchRecord.push(this.#batchesSeen);
    channel.exampleRecord.push(this.#examplesSeen);
    channel.timeRecord.push(seconds);
  }
}
