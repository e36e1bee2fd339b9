import type { LearnerState, PriorityReasons } from '@holdfast/desk/api';
import { percent } from './wording.ts';

/** One factor of a priority. */
export interface Reason {
  readonly name: string;
  /** What it says of this post, a sentence each. */
  readonly words: readonly string[];
  readonly figure: string;
}

/**
 * Why a post stands where it does: the three factors whose product is its priority, each in
 * words and as the number that was multiplied.
 */
export function reasonsOf(why: PriorityReasons, learner: LearnerState): Reason[] {
  const fading = 2 ** (-why.ageHours / why.halfLifeHours);
  return [
    {
      name: 'Would you keep it?',
      words: [
        learner.trusted
          ? `The model puts the chance that you keep it at ${percent(why.keepProbability)}.`
          : 'P(keep) is one half for every post until a model is trusted.',
        learner.note,
      ],
      figure: why.keepProbability.toFixed(2),
    },
    {
      name: 'How much could it move?',
      words: riskWords(why),
      figure: (why.floor + why.riskSize).toFixed(2),
    },
    {
      name: 'How fresh is it?',
      words: [`${hours(why.ageHours)} old; priority halves every ${hours(why.halfLifeHours)}.`],
      figure: fading.toFixed(2),
    },
  ];
}

function riskWords({ holdings, riskSize, floor }: PriorityReasons): string[] {
  const carried = holdings.map(({ symbol, riskShare }) =>
    riskShare < 0
      ? `${symbol} is a hedge: it takes ${percent(-riskShare)} off your risk, and its size counts.`
      : `${symbol} carries ${percent(riskShare)} of your risk.`,
  );
  const together = holdings.length > 1 ? [`Together: ${percent(riskSize)}.`] : [];
  return [...carried, ...together, `${percent(floor)} is added, so that no holding is buried.`];
}

function hours(count: number): string {
  if (count < 1) return `${Math.max(0, Math.round(count * 60))} min`;
  const rounded = Math.round(count);
  return `${rounded} hour${rounded === 1 ? '' : 's'}`;
}
