import type { AffineOptions } from './affine-layer.ts';
import type { Layer } from './layer.ts';
import { Linear } from './linear.ts';
import { RectifiedLinear } from './rectified-linear.ts';
import { Sigmoid } from './sigmoid.ts';
import { Softmax, type SoftmaxOptions } from './softmax.ts';
import { Softplus } from './softplus.ts';
import { Tanh } from './tanh.ts';

/** A layer as plain data: its kind and what its constructor is given. */
export interface LayerDescription {
  readonly kind: string;
  readonly options: Readonly<Record<string, unknown>>;
}

const affine = { Linear, RectifiedLinear, Sigmoid, Softplus, Tanh } as const;

/** What `layerFrom` makes the layer again from; its weights are not in it. */
export function describeLayer(layer: Layer): LayerDescription {
  return { kind: layer.constructor.name, options: layer.options };
}

/**
 * A new layer, in no net yet.
 *
 * @throws {TypeError} when there is no such kind, or its constructor refuses the options
 */
export function layerFrom({ kind, options }: LayerDescription): Layer {
  // What they are is checked by the constructors.
  if (kind === 'Softmax') return new Softmax(options as unknown as SoftmaxOptions);
  if (!(kind in affine)) throw new TypeError(`there is no kind of layer "${kind}"`);
  return new affine[kind as keyof typeof affine](options as unknown as AffineOptions);
}
