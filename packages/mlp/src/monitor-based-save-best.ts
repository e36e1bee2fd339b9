import type { DesignMatrix } from './design-matrix.ts';
import type { MLP } from './mlp.ts';
import { copyModel } from './model-format.ts';
import { type ModelStore, modelStore } from './model-store.ts';
import type { SGD } from './sgd.ts';
import type { TrainExtension } from './train-extension.ts';

/** What a `MonitorBasedSaveBest` is made from; it needs `savePath` or `storeBestModel`. */
export interface MonitorBasedSaveBestOptions {
  /** The channel that is to be low. */
  readonly channelName: string;
  /** The file that holds the best net so far; not in browsers. */
  readonly savePath?: string;
  /** Whether a copy of the best net is kept in `bestModel`; false if not given. */
  readonly storeBestModel?: boolean;
  /** The first epoch that may be the best; 0 if not given. */
  readonly startEpoch?: number;
  /** Whether the channel is to be high instead; false if not given. */
  readonly higherIsBetter?: boolean;
  /** The key of its notes in the net's `tag`; 'MonitorBasedSaveBest' if not given. */
  readonly tagKey?: string;
}

/** Keeps the net of the epoch at which a channel was at its best; the first of equals. */
export class MonitorBasedSaveBest implements TrainExtension {
  readonly #options: MonitorBasedSaveBestOptions;
  readonly #store: ModelStore | undefined;
  #bestCost: number;
  #bestModel: MLP | undefined;
  #bestEpoch: number | undefined;

  /** @throws {TypeError} when it would keep the net nowhere */
  constructor(options: MonitorBasedSaveBestOptions) {
    const { savePath, storeBestModel = false, higherIsBetter = false } = options;
    if (savePath === undefined && !storeBestModel) {
      throw new TypeError('MonitorBasedSaveBest needs savePath, or storeBestModel, or both');
    }
    this.#store = savePath === undefined ? undefined : modelStore();
    this.#options = options;
    this.#bestCost = higherIsBetter ? -Infinity : Infinity;
  }

  /** The best value of the channel; infinite as long as there is none. */
  get bestCost(): number {
    return this.#bestCost;
  }

  /** How many epochs the best net had seen; undefined as long as there is none. */
  get bestEpoch(): number | undefined {
    return this.#bestEpoch;
  }

  /** The channel that is to be low, or high. */
  get channelName(): string {
    return this.#options.channelName;
  }

  /**
   * A copy of the best net.
   *
   * @throws {TypeError} when `storeBestModel` is not set, or no net has been the best yet
   */
  get bestModel(): MLP {
    if (this.#bestModel !== undefined) return this.#bestModel;
    throw new TypeError(
      this.#options.storeBestModel
        ? 'no net has been the best yet: call onMonitor after an epoch'
        : 'the best net is not kept here: set storeBestModel, or load savePath',
    );
  }

  /**
   * Keeps the net if it is better than those before.
   *
   * @throws {UnknownChannelError} when there is no such channel
   */
  onMonitor(model: MLP, _dataset: DesignMatrix, _algorithm: SGD): void {
    const { channelName, savePath, startEpoch = 0, higherIsBetter = false } = this.#options;
    const value = model.monitor.last(channelName);
    const isBetter = higherIsBetter ? value > this.#bestCost : value < this.#bestCost;
    if (!isBetter || model.monitor.epochsSeen < startEpoch) return;
    this.#bestCost = value;
    this.#bestEpoch = model.monitor.epochsSeen;
    const { tagKey = 'MonitorBasedSaveBest', storeBestModel } = this.#options;
    model.tag[tagKey] = {
      channel_name: channelName,
      ...(savePath !== undefined && { save_path: this.#store?.resolve(savePath) ?? savePath }),
      best_cost: value,
    };
    if (storeBestModel) this.#bestModel = copyModel(model);
    if (savePath !== undefined) this.#store?.save(model, savePath);
  }
}
