import type { FloatArray } from './float-array.ts';
import type { Layer } from './layer.ts';
import { Linear } from './linear.ts';
import type { MLP } from './mlp.ts';
import { ProtobufWriter } from './protobuf-writer.ts';
import { RectifiedLinear } from './rectified-linear.ts';
import { Sigmoid } from './sigmoid.ts';
import { Softmax } from './softmax.ts';
import { Softplus } from './softplus.ts';
import { Tanh } from './tanh.ts';

// ONNX 1.8, the first with operator set 13; field numbers as in its onnx.proto3.
const irVersion = 7;
const operatorSet = 13;
const float = 1;

/**
 * A net in ONNX, for others to run: input `X` and output `Y`, rows of f32 in any number.
 *
 * Weights are rounded to f32, whatever the net computes in. Scaling of the examples is not in it.
 *
 * @see https://github.com/onnx/onnx/blob/v1.8.0/onnx/onnx.proto3
 */
export function toOnnx(model: MLP): Uint8Array {
  const { layers, nvis } = model;
  const outputs = layers.at(-1)?.dim ?? 0;
  return new ProtobufWriter()
    .varint(1, irVersion)
    .text(2, 'holdfast')
    .message(7, (graph) => {
      let input = 'X';
      for (const [l, layer] of layers.entries()) {
        input = writeLayer(graph, layer, input, l === layers.length - 1);
      }
      graph.text(2, 'mlp');
      for (const layer of layers) {
        const { layerName, weights, biases } = layer;
        graph.bytes(5, tensor(`${layerName}_W`, [weights.rows, weights.columns], weights.data));
        if (biases.length > 0) graph.bytes(5, tensor(`${layerName}_b`, [biases.length], biases));
      }
      graph.bytes(11, valueInfo('X', nvis)).bytes(12, valueInfo('Y', outputs));
    })
    .message(8, (set) => set.text(1, '').varint(2, operatorSet))
    .finish();
}

/** Writes the nodes of a layer, and names its output. */
function writeLayer(graph: ProtobufWriter, layer: Layer, input: string, isLast: boolean): string {
  const { layerName, biases } = layer;
  const operator = operatorOf(layer);
  const output = isLast ? 'Y' : `${layerName}_h`;
  const z = operator === undefined ? output : `${layerName}_z`;
  const parameters = biases.length > 0 ? [`${layerName}_W`, `${layerName}_b`] : [`${layerName}_W`];
  graph.bytes(1, node('Gemm', [input, ...parameters], z));
  if (operator !== undefined) graph.bytes(1, node(operator.type, [z], output, operator.alpha));
  return output;
}

function operatorOf(layer: Layer): { readonly type: string; readonly alpha?: number } | undefined {
  if (layer instanceof Sigmoid) return { type: 'Sigmoid' };
  if (layer instanceof Softmax) return { type: 'Softmax' };
  if (layer instanceof Tanh) return { type: 'Tanh' };
  if (layer instanceof Softplus) return { type: 'Softplus' };
  if (layer instanceof Linear) return undefined;
  if (layer instanceof RectifiedLinear) {
    const { leftSlope = 0 } = layer.options as { readonly leftSlope?: number };
    return leftSlope === 0 ? { type: 'Relu' } : { type: 'LeakyRelu', alpha: leftSlope };
  }
  throw new TypeError(`ONNX has no operator for the layer ${layer.layerName}`);
}

function node(type: string, inputs: readonly string[], output: string, alpha?: number): Uint8Array {
  const message = new ProtobufWriter();
  for (const input of inputs) message.text(1, input);
  message.text(2, output).text(4, type);
  if (alpha !== undefined) {
    message.message(5, (attribute) => attribute.text(1, 'alpha').float(2, alpha).varint(20, 1));
  }
  return message.finish();
}

function tensor(name: string, dims: readonly number[], values: FloatArray): Uint8Array {
  const raw = new Uint8Array(values.length * 4);
  const view = new DataView(raw.buffer);
  for (const [i, value] of values.entries()) view.setFloat32(i * 4, value, true);
  const message = new ProtobufWriter();
  for (const dim of dims) message.varint(1, dim);
  return message.varint(2, float).text(8, name).bytes(9, raw).finish();
}

/** A matrix of any number of rows. */
function valueInfo(name: string, columns: number): Uint8Array {
  return new ProtobufWriter()
    .text(1, name)
    .message(2, (type) => {
      type.message(1, (tensorType) => {
        tensorType.varint(1, float).message(2, (shape) => {
          shape.message(1, (dim) => dim.text(2, 'N'));
          shape.message(1, (dim) => dim.varint(1, columns));
        });
      });
    })
    .finish();
}
