import type { StepPlan } from './descent-step.ts';
import {
  activationNumbers,
  directBytes,
  layerRecord,
  netRecord,
  ruleNumbers,
  scratchBytes,
} from './kernel-layout.ts';
import type { ElementName, Floats, Kernel, KernelMemory } from './kernel-memory.ts';
import type {
  LayerNumbers,
  LoadedExamples,
  NetEngine,
  NetPlan,
  NumbersKind,
} from './net-engine.ts';

interface WasmLayer {
  readonly inputs: number;
  readonly units: number;
  /** Numbers in a row of weights, biases and outputs: the units, and what pads them. */
  readonly stride: number;
  readonly weights: number;
  readonly biases: number;
  readonly output: number;
  /** What stands in the padding of biases and targets, so that it never counts. */
  readonly biasPadding: number;
  readonly targetPadding: number;
}

interface WasmExamples extends LoadedExamples {
  readonly inputs: number;
  readonly targets: number;
}

/** Rows that are run forward at a time, at least. */
const leastCapacity = 64;

/** A net that lives, with its examples, in one memory of the kernels; an epoch is one call. */
export class WasmNet implements NetEngine<WasmExamples> {
  readonly #memory: KernelMemory;
  readonly #element: ElementName;
  readonly #plan: NetPlan;
  readonly #capacity: number;
  readonly #inputStride: number;
  readonly #net: number;
  readonly #layers: readonly WasmLayer[];
  readonly #offsets: Readonly<Record<NumbersKind, number>>;
  readonly #forward: Kernel;
  readonly #backward: Kernel;
  readonly #gather: Kernel;
  readonly #update: Kernel;
  readonly #epoch: Kernel;
  #order = { address: 0, length: 0 };

  constructor(memory: KernelMemory, plan: NetPlan) {
    const { element, layers, batchSize } = plan;
    this.#memory = memory;
    this.#element = element;
    this.#plan = plan;
    this.#capacity = Math.max(batchSize, leastCapacity);
    this.#inputStride = this.#strideOf(plan.inputs);
    const kernel = (name: string) => memory.kernel(element, name);
    this.#forward = kernel('NetForward');
    this.#backward = kernel('NetBackward');
    this.#gather = kernel('GatherRows');
    this.#update = kernel('NetUpdate');
    this.#epoch = kernel('NetEpoch');

    this.#net = memory.take(netRecord.bytes);
    const records = memory.take(layers.length * layerRecord.bytes);
    const shapes = layers.map(({ units, activation }, i) => ({
      inputs: layers[i - 1]?.units ?? plan.inputs,
      inputStride: this.#strideOf(layers[i - 1]?.units ?? plan.inputs),
      units,
      stride: this.#strideOf(units),
      activation,
    }));
    const first = memory.used;
    const places = shapes.map(({ inputs, stride }) => ({
      weights: this.#take(inputs * stride),
      biases: this.#take(stride),
    }));
    const bytes = memory.used - first;
    this.#offsets = {
      parameters: 0,
      gradients: memory.take(bytes) - first,
      velocities: memory.take(bytes) - first,
      squares: memory.take(bytes) - first,
    };
    this.#layers = shapes.map(({ inputs, inputStride, units, stride, activation }, i) => {
      const plain = layers[i];
      const place = places[i];
      if (plain === undefined || place === undefined) throw new Error(`there is no layer ${i}`);
      const output = this.#take(this.#capacity * stride);
      const delta = this.#take(this.#capacity * stride);
      const transposed = this.#take(Math.min(units * inputStride, directBytes / this.#size));
      const record = records + i * layerRecord.bytes;
      this.#write(record, layerRecord, {
        inputs,
        units,
        inputRow: inputStride * this.#size,
        row: stride * this.#size,
        ...place,
        activation: activationNumbers[activation],
        output,
        delta,
        transposed,
      });
      memory
        .f64(record + layerRecord.leftSlope, 5)
        .set([
          ...[plain.leftSlope, plain.weightRate, plain.biasRate],
          ...[plain.weightDecay, plain.l1Decay],
        ]);
      const biasPadding = activation === 'softmax' ? Number.NEGATIVE_INFINITY : 0;
      const targetPadding = activation === 'sigmoid' ? 0.5 : 0;
      return { inputs, units, stride, ...place, output, biasPadding, targetPadding };
    });
    for (const { biases, units, stride, biasPadding } of this.#layers) {
      this.#floats(biases, stride).fill(biasPadding, units);
    }

    const outputStride = this.#layers.at(-1)?.stride ?? 0;
    this.#write(this.#net, netRecord, {
      layerCount: layers.length,
      layers: records,
      gradients: this.#offsets.gradients,
      velocities: this.#offsets.velocities,
      squares: this.#offsets.squares,
      work: this.#take(outputStride),
      scratch: memory.take(scratchBytes),
      inputRow: this.#inputStride * this.#size,
      targetRow: outputStride * this.#size,
      batchInputs: this.#take(batchSize * this.#inputStride),
      batchTargets: this.#take(batchSize * outputStride),
    });
  }

  numbers(kind: NumbersKind, layer: number, into?: LayerNumbers): LayerNumbers {
    const { inputs, units, stride, weights, biases } = this.#layer(layer);
    const offset = this.#offsets[kind];
    const numbers = into ?? { weights: this.#fresh(inputs * units), biases: this.#fresh(units) };
    this.#unpad(weights + offset, inputs, units, stride, numbers.weights, 0);
    this.#unpad(biases + offset, 1, units, stride, numbers.biases, 0);
    return numbers;
  }

  setNumbers(kind: NumbersKind, layer: number, numbers: LayerNumbers): void {
    const { inputs, units, stride, weights, biases } = this.#layer(layer);
    const offset = this.#offsets[kind];
    this.#pad(weights + offset, inputs, units, stride, numbers.weights);
    this.#pad(biases + offset, 1, units, stride, numbers.biases);
  }

  load(
    rows: number,
    inputs: ArrayLike<number>,
    targets: ArrayLike<number> | undefined,
  ): WasmExamples {
    const stride = this.#inputStride;
    const inputsAt = this.#take(rows * stride);
    this.#floats(inputsAt, rows * stride).fill(0);
    const last = this.#layer(this.#layers.length - 1);
    const targetsAt = targets === undefined ? 0 : this.#take(rows * last.stride);
    this.#pad(inputsAt, rows, this.#plan.inputs, stride, inputs);
    if (targets !== undefined) {
      this.#floats(targetsAt, rows * last.stride).fill(last.targetPadding);
      this.#pad(targetsAt, rows, last.units, last.stride, targets);
    }
    return { rows, hasTargets: targets !== undefined, inputs: inputsAt, targets: targetsAt };
  }

  forward(examples: WasmExamples, layer: number): Floats {
    const { units, stride, output } = this.#layer(layer);
    const outputs = this.#fresh(examples.rows * units);
    this.#chunks(examples, 0, (from, rows) => {
      this.#unpad(output, rows, units, stride, outputs, from * units);
    });
    return outputs;
  }

  forwardOnce(rows: number, inputs: ArrayLike<number>, layer: number): Floats {
    const { used } = this.#memory;
    try {
      return this.forward(this.load(rows, inputs, undefined), layer);
    } finally {
      this.#memory.release(used);
    }
  }

  cost(examples: WasmExamples): number {
    return this.#chunks(examples, examples.targets, () => {});
  }

  backward(examples: WasmExamples, order: ArrayLike<number>): void {
    const net = this.#memory.i32(this.#net, netRecord.bytes / 4);
    const inputs = net[netRecord.batchInputs / 4] ?? 0;
    const targets = net[netRecord.batchTargets / 4] ?? 0;
    const at = this.#putOrder(order);
    const rows = order.length;
    const targetRow = (this.#layers.at(-1)?.stride ?? 0) * this.#size;
    this.#gather(examples.inputs, at, rows, this.#inputStride * this.#size, inputs);
    this.#gather(examples.targets, at, rows, targetRow, targets);
    this.#forward(this.#net, inputs, rows, 0, 0);
    this.#backward(this.#net, inputs, rows, targets);
  }

  update(step: StepPlan): void {
    this.#putStep(step);
    this.#update(this.#net);
  }

  epoch(examples: WasmExamples, order: ArrayLike<number>, step: StepPlan): void {
    this.#putStep(step);
    const at = this.#putOrder(order);
    const batches = [at, order.length, this.#plan.batchSize];
    this.#epoch(this.#net, examples.inputs, examples.targets, ...batches);
  }

  get #size(): number {
    return this.#element === 'f32' ? 4 : 8;
  }

  /** Numbers of a row, filled up to whole vectors. */
  #strideOf(width: number): number {
    const lanes = 16 / this.#size;
    return Math.ceil(width / lanes) * lanes;
  }

  #layer(index: number): WasmLayer {
    const layer = this.#layers[index];
    if (layer === undefined) throw new RangeError(`there is no layer ${index}`);
    return layer;
  }

  #take(length: number): number {
    return this.#memory.takeFloats(this.#element, length);
  }

  #floats(address: number, length: number): Floats {
    return this.#memory.floats(this.#element, address, length);
  }

  #write<F extends string>(
    address: number,
    record: Readonly<Record<F, number>>,
    values: Partial<Record<F, number>>,
  ): void {
    for (const field of Object.keys(values) as F[]) {
      this.#memory.i32(address + record[field], 1)[0] = values[field] ?? 0;
    }
  }

  #fresh(length: number): Floats {
    return this.#element === 'f32' ? new Float32Array(length) : new Float64Array(length);
  }

  #unpad(
    address: number,
    rows: number,
    columns: number,
    stride: number,
    to: Floats,
    at: number,
  ): void {
    const padded = this.#floats(address, rows * stride);
    if (columns === stride) to.set(padded, at);
    else {
      for (let row = 0; row < rows; row++) {
        const next = at + row * columns;
        for (let j = 0; j < columns; j++) to[next + j] = padded[row * stride + j] as number;
      }
    }
  }

  #pad(
    address: number,
    rows: number,
    columns: number,
    stride: number,
    from: ArrayLike<number>,
  ): void {
    const padded = this.#floats(address, rows * stride);
    if (columns === stride) padded.set(from);
    else {
      for (let row = 0; row < rows; row++) {
        for (let j = 0; j < columns; j++) padded[row * stride + j] = from[row * columns + j] ?? 0;
      }
    }
  }

  /** Runs all rows forward, as many at a time as there is room for; gives the summed cost. */
  #chunks(
    { inputs, rows }: WasmExamples,
    targets: number,
    visit: (from: number, rows: number) => void,
  ): number {
    const inputRow = this.#inputStride * this.#size;
    const targetRow = (this.#layers.at(-1)?.stride ?? 0) * this.#size;
    let cost = 0;
    for (let from = 0; from < rows; from += this.#capacity) {
      const count = Math.min(this.#capacity, rows - from);
      const targetsAt = targets === 0 ? 0 : targets + from * targetRow;
      const inputsAt = inputs + from * inputRow;
      cost = this.#forward(this.#net, inputsAt, count, targetsAt, cost);
      visit(from, count);
    }
    return cost;
  }

  #putStep({ rule, learningRate, ...numbers }: StepPlan): void {
    this.#write(this.#net, netRecord, { rule: ruleNumbers[rule] });
    const { keep, take, keepSquare, takeSquare, floor, power, powerSquare } = numbers;
    this.#memory
      .f64(this.#net + netRecord.learningRate, 8)
      .set([learningRate, keep, take, keepSquare, takeSquare, floor, power, powerSquare]);
  }

  #putOrder(order: ArrayLike<number>): number {
    if (order.length > this.#order.length) {
      this.#order = { address: this.#memory.take(order.length * 4), length: order.length };
    }
    this.#memory.i32(this.#order.address, order.length).set(order);
    return this.#order.address;
  }
}
