import type { DenseDesignMatrix } from './dense-design-matrix.ts';

/** A figure over time. */
export interface Channel {
  /** The values, oldest first. */
  readonly valRecord: readonly number[];
  /** How many epochs had been seen when each was taken. */
  readonly epochRecord: readonly number[];
}

/** Counts the epochs of a net, and records its figures on a data set whenever it is asked to. */
export class Monitor {
  readonly #measure: (dataset: DenseDesignMatrix) => Readonly<Record<string, number>>;
  readonly #channels = new Map<string, { valRecord: number[]; epochRecord: number[] }>();
  #dataset: DenseDesignMatrix | undefined;
  #epochsSeen = 0;

  constructor(measure: (dataset: DenseDesignMatrix) => Readonly<Record<string, number>>) {
    this.#measure = measure;
  }

  /** How often an epoch has been reported. */
  get epochsSeen(): number {
    return this.#epochsSeen;
  }

  /** The figures by name: `objective`, and `nll` and `misclass` with the last layer's name before. */
  get channels(): Readonly<Record<string, Channel>> {
    return Object.fromEntries(this.#channels);
  }

  /** Names the data set of all further records. */
  watch(dataset: DenseDesignMatrix): void {
    this.#dataset = dataset;
  }

  /** Says that an epoch has passed. */
  reportEpoch(): void {
    this.#epochsSeen++;
  }

  /** Takes a record of each figure as the net is now; none when no data set is watched. */
  update(): void {
    if (this.#dataset === undefined) return;
    for (const [name, value] of Object.entries(this.#measure(this.#dataset))) {
      const channel = this.#channels.get(name) ?? { valRecord: [], epochRecord: [] };
      this.#channels.set(name, channel);
      channel.valRecord.push(value);
      channel.epochRecord.push(this.#epochsSeen);
    }
  }
}
