import type { DesignMatrix } from './design-matrix.ts';
import type { MLP } from './mlp.ts';
import type { SGD } from './sgd.ts';

/** Something that happens around the epochs of a training, such as a schedule. */
export interface TrainExtension {
  /** Called once before the first epoch. */
  setup?(model: MLP, dataset: DesignMatrix, algorithm: SGD): void;
  /** Called after each record of the monitor; 'stop' ends the training. */
  // biome-ignore lint/suspicious/noConfusingVoidType: most extensions have nothing to say
  onMonitor?(model: MLP, dataset: DesignMatrix, algorithm: SGD): void | 'stop';
  /** Called before the net is saved by `saveFreq`. */
  onSave?(model: MLP, dataset: DesignMatrix, algorithm: SGD): void;
}
