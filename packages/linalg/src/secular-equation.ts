/**
 * Finds root j of 1 + Σ weight / (pole − x) = 0, the one between pole j and the next, or beyond the
 * last; poles ascend, weights are above 0. Leaves pole − root in `gaps`, each to full precision, and
 * gives the root.
 *
 * The root is sought as a distance from the pole next to it. Sums over the poles on each side are
 * taken for those of one pole, which gives a quadratic equation; a bracket guards each step. Bunch,
 * Nielsen and Sorensen, "Rank-one modification of the symmetric eigenproblem" (1978); Li, "Solving
 * secular equations stably and efficiently" (1993).
 */
export function secularRoot(
  poles: Float64Array,
  weights: Float64Array,
  j: number,
  gaps: Float64Array,
): number {
  const { origin, from, to, guess } = bracketOf(poles, weights, j);
  const base = poles[origin] as number;
  const [count, last] = [poles.length, j === poles.length - 1];
  for (let i = 0; i < count; i++) gaps[i] = (poles[i] as number) - base;
  const near = gaps[j] as number;
  const far = last ? 0 : (gaps[j + 1] as number);
  let [low, high, x] = [from, to, guess];
  for (let round = 0; round < mostRounds; round++) {
    let [below, belowSlope, above, aboveSlope] = [0, 0, 0, 0];
    for (let i = 0; i <= j; i++) {
      const inverse = 1 / ((gaps[i] as number) - x);
      const term = (weights[i] as number) * inverse;
      below += term;
      belowSlope += term * inverse;
    }
    for (let i = j + 1; i < count; i++) {
      const inverse = 1 / ((gaps[i] as number) - x);
      const term = (weights[i] as number) * inverse;
      above += term;
      aboveSlope += term * inverse;
    }
    const value = 1 + below + above;
    const size = 8 * (1 + above - below) + Math.abs(x) * (belowSlope + aboveSlope);
    if (Math.abs(value) <= epsilon * size) break;
    if (value < 0) low = x;
    else high = x;
    const [toNear, toFar] = [near - x, far - x];
    const step = last
      ? toNear + (toNear * toNear * belowSlope) / (1 + below - toNear * belowSlope)
      : quadraticStep(
          value - toNear * belowSlope - toFar * aboveSlope,
          toNear,
          toFar,
          toNear * toNear * belowSlope,
          toFar * toFar * aboveSlope,
        );
    let next = x + step;
    if (!(next > low && next < high)) next = low + (high - low) / 2;
    if (next === x || next === low || next === high) break;
    x = next;
  }
  for (let i = 0; i < count; i++) gaps[i] = (gaps[i] as number) - x;
  return base + x;
}

const mostRounds = 100;
const epsilon = 2 ** -53;

interface Bracket {
  /** The pole from which distances are measured. */
  readonly origin: number;
  readonly from: number;
  readonly to: number;
  readonly guess: number;
}

/** Half of the interval, with the pole that bounds it for origin, and a first guess. */
function bracketOf(poles: Float64Array, weights: Float64Array, j: number): Bracket {
  const pole = poles[j] as number;
  if (j === poles.length - 1) {
    const to = weights.reduce((sum, weight) => sum + weight, 0);
    return { origin: j, from: 0, to: to * (1 + 2 ** -50), guess: to / 2 };
  }
  const gap = (poles[j + 1] as number) - pole;
  const half = gap / 2;
  let others = 1;
  for (let i = 0; i < poles.length; i++) {
    if (i === j || i === j + 1) continue;
    others += (weights[i] as number) / ((poles[i] as number) - pole - half);
  }
  const [weight, nextWeight] = [weights[j] as number, weights[j + 1] as number];
  // The value at half the gap tells on which side of it the root lies.
  const left = others + (nextWeight - weight) / half >= 0;
  const [near, far] = left ? [0, gap] : [-gap, 0];
  const [from, to] = left ? [0, half] : [-half, 0];
  const guess = quadraticStep(others, near, far, weight, nextWeight);
  const inside = guess > from && guess < to;
  return { origin: left ? j : j + 1, from, to, guess: inside ? guess : (from + to) / 2 };
}

/** The x between the poles of c + weightA / (a − x) + weightB / (b − x) = 0. */
function quadraticStep(c: number, a: number, b: number, weightA: number, weightB: number): number {
  const linear = c * (a + b) + weightA + weightB;
  const constant = c * a * b + weightA * b + weightB * a;
  const root = Math.sqrt(Math.abs(linear * linear - 4 * c * constant));
  return linear <= 0 ? (linear - root) / (2 * c) : (2 * constant) / (linear + root);
}
