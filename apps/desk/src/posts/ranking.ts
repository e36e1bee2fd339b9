import type { PriorityReasons } from '../api.ts';

/** The two constants of the formula. */
export interface RankingRule {
  /** Added to the risk size, so that small holdings and cash are not buried; above 0. */
  readonly floor: number;
  /** Hours after which a post counts half. */
  readonly halfLifeHours: number;
}

/** Floor 0.05, half-life one day. */
export const rankingRule: RankingRule = { floor: 0.05, halfLifeHours: 24 };

/** P(keep) of every post until a model is trusted. */
export const untrainedKeepProbability = 0.5;

const hour = 3_600_000;

/** What the formula asks of one post. */
export interface RankedPost {
  readonly keepProbability: number;
  /** The holdings the post speaks of. */
  readonly symbols: readonly string[];
  /** When it was written, as far as it can be believed; see `rankingTime`. */
  readonly rankedAt: Date;
}

/**
 * Spells out `priority = P(keep) × (floor + |risk share|) × 2^(−age / half-life)` for one post.
 *
 * The sizes of several holdings are added; a hedge counts by its size, and its sign is kept in
 * `holdings`. A symbol that is not held counts nothing and is left out.
 */
export function priorityReasons(
  { keepProbability, symbols, rankedAt }: RankedPost,
  riskShares: ReadonlyMap<string, number>,
  now: Date,
  { floor, halfLifeHours }: RankingRule = rankingRule,
): PriorityReasons {
  const holdings = symbols.flatMap((symbol) => {
    const riskShare = riskShares.get(symbol);
    return riskShare === undefined ? [] : [{ symbol, riskShare }];
  });
  const riskSize = holdings.reduce((sum, { riskShare }) => sum + Math.abs(riskShare), 0);
  const ageHours = (now.getTime() - rankedAt.getTime()) / hour;
  return {
    priority: keepProbability * (floor + riskSize) * 2 ** (-ageHours / halfLifeHours),
    keepProbability,
    floor,
    riskSize,
    holdings,
    ageHours,
    halfLifeHours,
  };
}

/**
 * A number that sorts posts as their priority does, whatever the time.
 *
 * Every post loses priority at the same rate, so their order never changes as time passes: the
 * score is log2 of the priority as of 1970 and can be kept in an index.
 */
export function sortableScore(
  post: RankedPost,
  riskShares: ReadonlyMap<string, number>,
  rule: RankingRule = rankingRule,
): number {
  const { keepProbability, floor, riskSize } = priorityReasons(
    post,
    riskShares,
    post.rankedAt,
    rule,
  );
  const halfLives = post.rankedAt.getTime() / (rule.halfLifeHours * hour);
  return Math.log2(keepProbability * (floor + riskSize)) + halfLives;
}

/** The earlier of the two, because the writer's clock decides the first: no post comes from the future. */
export function rankingTime(createdAt: Date, receivedAt: Date): Date {
  return createdAt < receivedAt ? createdAt : receivedAt;
}
