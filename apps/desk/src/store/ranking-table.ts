import { createHash } from 'node:crypto';
import type { RankingRule } from '../posts/ranking.ts';
import { rankingRule, untrainedKeepProbability } from '../posts/ranking.ts';

/** What a post's score is computed from, besides the post. */
export interface RankingTable {
  readonly rule: RankingRule;
  readonly keepProbability: number;
  /** Risk share by symbol. */
  readonly riskShares: ReadonlyMap<string, number>;
  /** Changes whenever one of the others does. */
  readonly version: string;
}

/** The ranking by these risk shares. */
export function rankingTable(riskShares: ReadonlyMap<string, number>): RankingTable {
  const basis = [rankingRule, untrainedKeepProbability, [...riskShares].sort()];
  const version = createHash('sha256').update(JSON.stringify(basis)).digest('hex').slice(0, 12);
  return { rule: rankingRule, keepProbability: untrainedKeepProbability, riskShares, version };
}
