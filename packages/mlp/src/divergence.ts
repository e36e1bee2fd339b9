import type { DesignMatrix } from './design-matrix.ts';
import type { Layer } from './layer.ts';
import type { MLP } from './mlp.ts';
import { DivergenceError } from './mlp-error.ts';
import { SparseDesignMatrix } from './sparse-design-matrix.ts';

/** Features beyond this many deviations of a scaled one have not been scaled. */
const unscaled = 30;

// Searched by the engine itself: of a loop over millions of weights it may make slow code.
const notFinite = [Number.NaN, Infinity, -Infinity];

/** Throws a `DivergenceError` when a parameter of a net is NaN or infinite. */
export function refuseDivergence(
  { layers, monitor }: MLP,
  dataset: DesignMatrix,
  learningRate: number,
): void {
  for (const layer of layers) {
    for (const { name, values } of layer.parameters) {
      const value = notFinite.find((each) => values.includes(each));
      if (value === undefined) continue;
      const where = {
        parameter: name,
        layer: layer.layerName,
        epoch: monitor.epochsSeen + 1,
        value,
      };
      throw new DivergenceError(where, likelyCause(dataset, learningRate, layers));
    }
  }
}

/** What most often makes a net blow up, told by the size of its inputs. */
function likelyCause(
  dataset: DesignMatrix,
  learningRate: number,
  layers: readonly Layer[],
): string {
  let largest = 0;
  for (const value of dataset.X.data) largest = Math.max(largest, Math.abs(value));
  if (largest > unscaled && !(dataset instanceof SparseDesignMatrix)) {
    return `features go up to ${largest}: scale them with StandardScaler, or lower the learning rate, ${learningRate}`;
  }
  const names = layers.map(({ layerName }) => layerName).join(', ');
  return `lower the learning rate, ${learningRate}, or the initial weights of ${names}`;
}
