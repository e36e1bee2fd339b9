import type { StepPlan } from './descent-step.ts';
import { type Elementary, elementary, log } from './elementary.ts';
import type { ElementName, Floats } from './kernel-memory.ts';
import type {
  DenseLayer,
  LayerNumbers,
  LoadedExamples,
  NetEngine,
  NetPlan,
  NumbersKind,
} from './net-engine.ts';

interface PlainLayer {
  readonly plan: Required<DenseLayer>;
  readonly inputs: number;
  readonly parameters: LayerNumbers;
  readonly gradients: LayerNumbers;
  readonly velocities: LayerNumbers;
  readonly squares: LayerNumbers;
}

interface PlainExamples extends LoadedExamples {
  readonly inputs: Floats;
  readonly targets: Floats | undefined;
}

/**
 * A net in plain loops: the oracle of the kernels, which give the same bits when they do not fuse,
 * and what computes nets where there are no kernels.
 *
 * Every sum runs in the order of its index, starting from the bias or from 0.
 */
export class PlainNet implements NetEngine<PlainExamples> {
  readonly #layers: readonly PlainLayer[];
  readonly #element: ElementName;
  readonly #batchSize: number;
  readonly #math: Elementary;

  constructor({ inputs, layers, batchSize, element }: NetPlan) {
    this.#element = element;
    this.#batchSize = batchSize;
    this.#math = elementary(element);
    this.#layers = layers.map((plan, i) => {
      const width = layers[i - 1]?.units ?? inputs;
      const numbers = () => ({
        weights: this.#floats(width * plan.units),
        biases: this.#floats(plan.units),
      });
      return {
        ...{ plan, inputs: width, parameters: numbers(), gradients: numbers() },
        ...{ velocities: numbers(), squares: numbers() },
      };
    });
  }

  numbers(kind: NumbersKind, layer: number, into?: LayerNumbers): LayerNumbers {
    const { weights, biases } = this.#layer(layer)[kind];
    if (into === undefined) return { weights: weights.slice(), biases: biases.slice() };
    into.weights.set(weights);
    into.biases.set(biases);
    return into;
  }

  setNumbers(kind: NumbersKind, layer: number, { weights, biases }: LayerNumbers): void {
    const numbers = this.#layer(layer)[kind];
    numbers.weights.set(weights);
    numbers.biases.set(biases);
  }

  load(
    rows: number,
    inputs: ArrayLike<number>,
    targets: ArrayLike<number> | undefined,
  ): PlainExamples {
    const copy = (from: ArrayLike<number>) => {
      const floats = this.#floats(from.length);
      floats.set(from);
      return floats;
    };
    return {
      rows,
      hasTargets: targets !== undefined,
      inputs: copy(inputs),
      targets: targets && copy(targets),
    };
  }

  forward({ inputs, rows }: PlainExamples, layer: number): Floats {
    return this.#outputs(inputs, rows)[layer] ?? inputs;
  }

  forwardOnce(rows: number, inputs: ArrayLike<number>, layer: number): Floats {
    return this.forward(this.load(rows, inputs, undefined), layer);
  }

  cost({ inputs, targets, rows }: PlainExamples): number {
    const last = this.#layer(this.#layers.length - 1);
    const below = this.#outputs(inputs, rows).at(-2) ?? inputs;
    const z = this.#sums(last, below, rows);
    const { units, activation } = last.plan;
    let cost = 0;
    for (let row = 0; row < rows; row++) {
      const found = z.subarray(row * units, (row + 1) * units);
      const due = targets?.subarray(row * units, (row + 1) * units) ?? found;
      cost = activation === 'softmax' ? cost + this.#softmaxCost(found, due) : cost;
      if (activation === 'softmax') continue;
      for (const [unit, x] of found.entries()) {
        const y = due[unit] ?? Number.NaN;
        cost += activation === 'sigmoid' ? this.#softplus(x) - y * x : (x - y) * (x - y);
      }
    }
    return cost;
  }

  backward(examples: PlainExamples, order: ArrayLike<number>): void {
    const { inputs, targets } = this.#chosen(examples, order);
    const rows = order.length;
    const outputs = this.#outputs(inputs, rows);
    const { round } = this.#math;
    const { activation, units } = this.#layer(this.#layers.length - 1).plan;
    const terms = { sigmoid: units, linear: 0.5 };
    const divisor = round(rows * (terms[activation as keyof typeof terms] ?? 1));
    let delta: Floats = this.#floats(rows * units).map((_, at) => {
      const error = round((outputs.at(-1)?.[at] ?? Number.NaN) - (targets[at] ?? Number.NaN));
      return error / divisor;
    });
    for (let i = this.#layers.length - 1; i >= 0; i--) {
      const layer = this.#layer(i);
      const input = outputs[i - 1] ?? inputs;
      this.#layerGradients(layer, input, delta, rows);
      if (i > 0) delta = this.#deltaBelow(layer, this.#layer(i - 1), input, delta, rows);
    }
  }

  update(step: StepPlan): void {
    const { round } = this.#math;
    for (const { plan, parameters, gradients, velocities, squares } of this.#layers) {
      for (const kind of ['weights', 'biases'] as const) {
        const rate = step.learningRate * (kind === 'weights' ? plan.weightRate : plan.biasRate);
        const [decay, l1] = [round(plan.weightDecay), round(plan.l1Decay)];
        const decays = kind === 'weights' && (decay !== 0 || l1 !== 0);
        const [values, slopes] = [parameters[kind], gradients[kind]];
        const move = this.#rule(step, rate, velocities[kind], squares[kind]);
        for (const [at, slope] of slopes.entries()) {
          const value = values[at] as number;
          const decayed = round(round(slope + round(decay * value)) + l1 * Math.sign(value));
          values[at] = value + move(at, decays ? decayed : slope);
        }
      }
    }
  }

  epoch(examples: PlainExamples, order: ArrayLike<number>, step: StepPlan): void {
    const rows = Array.from(order);
    let next = step;
    for (let from = 0; from < rows.length; from += this.#batchSize) {
      this.backward(examples, rows.slice(from, from + this.#batchSize));
      this.update(next);
      const power = next.power * next.keep;
      next = { ...next, power, powerSquare: next.powerSquare * next.keepSquare };
    }
  }

  /** How far a rule moves the parameter at a place, of a gradient. */
  #rule(
    step: StepPlan,
    rate: number,
    velocities: Floats,
    squares: Floats,
  ): (at: number, gradient: number) => number {
    const { round } = this.#math;
    const [keep, take, floor] = [round(step.keep), round(step.take), round(step.floor)];
    const [keepSquare, takeSquare] = [round(step.keepSquare), round(step.takeSquare)];
    const rates = round(rate);
    const squareOf = (at: number, gradient: number) => {
      const fresh = round(round(takeSquare * gradient) * gradient);
      const square = round(fresh + round(keepSquare * (squares[at] as number)));
      squares[at] = square;
      return round(Math.sqrt(square));
    };
    switch (step.rule) {
      case 'momentum':
      case 'nesterov':
        return (at, gradient) => {
          const pull = round(rates * gradient);
          const velocity = round(round(keep * (velocities[at] as number)) - pull);
          velocities[at] = velocity;
          return step.rule === 'nesterov' ? round(round(keep * velocity) - pull) : velocity;
        };
      case 'scaled':
        return (at, gradient) => {
          const root = squareOf(at, gradient);
          return -round(round(rates * gradient) / Math.max(root, floor));
        };
      case 'adam': {
        const corrected = round(rate / (1 - step.power * step.keep));
        const scale = round(1 / Math.sqrt(1 - step.powerSquare * step.keepSquare));
        return (at, gradient) => {
          const mean = round(round(take * gradient) + round(keep * (velocities[at] as number)));
          velocities[at] = mean;
          const root = squareOf(at, gradient);
          return -round(round(corrected * mean) / round(round(root * scale) + floor));
        };
      }
    }
  }

  #layer(index: number): PlainLayer {
    const layer = this.#layers[index];
    if (layer === undefined) throw new RangeError(`there is no layer ${index}`);
    return layer;
  }

  #floats(length: number): Floats {
    return this.#element === 'f32' ? new Float32Array(length) : new Float64Array(length);
  }

  #chosen(
    { inputs, targets, rows }: PlainExamples,
    order: ArrayLike<number>,
  ): { readonly inputs: Floats; readonly targets: Floats } {
    const pick = (from: Floats) => {
      const width = from.length / rows;
      const picked = this.#floats(order.length * width);
      for (const [to, row] of Array.from(order).entries()) {
        picked.set(from.subarray(row * width, (row + 1) * width), to * width);
      }
      return picked;
    };
    return { inputs: pick(inputs), targets: pick(targets ?? this.#floats(0)) };
  }

  /** What each layer gives. */
  #outputs(inputs: Floats, rows: number): readonly Floats[] {
    let input = inputs;
    return this.#layers.map((layer) => {
      const z = this.#sums(layer, input, rows);
      input = this.#activated(layer.plan, z);
      return input;
    });
  }

  /** biases + inputs · weights. */
  #sums({ plan: { units }, inputs: width, parameters }: PlainLayer, input: Floats, rows: number) {
    const { round } = this.#math;
    const { weights, biases } = parameters;
    const z = this.#floats(rows * units);
    for (let row = 0; row < rows; row++) {
      for (let unit = 0; unit < units; unit++) {
        let sum = biases[unit] ?? Number.NaN;
        for (let k = 0; k < width; k++) {
          const product =
            (input[row * width + k] as number) * (weights[k * units + unit] as number);
          sum = round(sum + round(product));
        }
        z[row * units + unit] = sum;
      }
    }
    return z;
  }

  #activated({ units, activation, leftSlope }: Required<DenseLayer>, z: Floats): Floats {
    const { round, exp, expm1, sigmoid } = this.#math;
    switch (activation) {
      case 'linear':
        return z;
      case 'sigmoid':
        return z.map(sigmoid);
      case 'tanh':
        return z.map((x) => {
          const t = expm1(Math.abs(x) * -2);
          const size = -(t / round(t + 2));
          return x < 0 ? -size : size;
        });
      case 'rectifiedLinear':
        return z.map((x) => (x < 0 ? round(leftSlope) * x : x));
      case 'softplus':
        return z.map((x) => this.#softplus(x));
      case 'softmax':
        for (let row = 0; row < z.length; row += units) {
          const classes = z.subarray(row, row + units);
          const highest = Math.max(...classes);
          let sum = 0;
          for (const [k, x] of classes.entries()) {
            classes[k] = exp(round(x - highest));
            sum = round(sum + (classes[k] as number));
          }
          for (const [k, x] of classes.entries()) classes[k] = x / sum;
        }
        return z;
    }
  }

  #softplus(x: number): number {
    const { round, exp, log1p } = this.#math;
    return round(Math.max(x, 0) + log1p(exp(-Math.abs(x))));
  }

  #softmaxCost(z: Floats, targets: Floats): number {
    const { round, exp } = this.#math;
    const highest = Math.max(...z);
    let [mass, dot, sum] = [0, 0, 0];
    for (const [k, x] of z.entries()) {
      const shifted = round(x - highest);
      const target = targets[k] ?? Number.NaN;
      mass += target;
      dot += target * shifted;
      sum = round(sum + exp(shifted));
    }
    return mass * log(sum) - dot;
  }

  #layerGradients(layer: PlainLayer, input: Floats, delta: Floats, rows: number): void {
    const { round } = this.#math;
    const { inputs: width, gradients } = layer;
    const { units } = layer.plan;
    for (let unit = 0; unit < units; unit++) {
      for (let k = 0; k < width; k++) {
        let sum = 0;
        for (let row = 0; row < rows; row++) {
          const product =
            (input[row * width + k] as number) * (delta[row * units + unit] as number);
          sum = round(sum + round(product));
        }
        gradients.weights[k * units + unit] = sum;
      }
      let sum = 0;
      for (let row = 0; row < rows; row++) sum = round(sum + (delta[row * units + unit] as number));
      gradients.biases[unit] = sum;
    }
  }

  /** delta · weightsᵀ · derivative of the layer below, whose output is `h`. */
  #deltaBelow(
    { plan: { units }, inputs: width, parameters: { weights } }: PlainLayer,
    { plan }: PlainLayer,
    h: Floats,
    delta: Floats,
    rows: number,
  ): Floats {
    const { round } = this.#math;
    const below = this.#floats(rows * width);
    for (let row = 0; row < rows; row++) {
      for (let k = 0; k < width; k++) {
        let sum = 0;
        for (let unit = 0; unit < units; unit++) {
          const product =
            (delta[row * units + unit] as number) * (weights[k * units + unit] as number);
          sum = round(sum + round(product));
        }
        below[row * width + k] = this.#activationGradient(plan, sum, h[row * width + k] as number);
      }
    }
    return below;
  }

  #activationGradient(
    { activation, leftSlope }: Required<DenseLayer>,
    d: number,
    h: number,
  ): number {
    const { round, expm1 } = this.#math;
    switch (activation) {
      case 'sigmoid':
        return round(d * h) * round(1 - h);
      case 'tanh':
        return d * round(1 - round(h * h));
      case 'rectifiedLinear':
        return h > 0 ? d : h < 0 ? round(leftSlope) * d : 0;
      case 'softplus':
        return d * -expm1(-h);
      default:
        return d;
    }
  }
}
