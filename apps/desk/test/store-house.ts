import { mongoProxy, safeClientOptions } from '@holdfast/mongo-proxy';
import { ReplicaSet } from '@holdfast/replica-set';
import { MongoClient } from 'mongodb';
import type { MatchedTerm } from '../src/posts/term.ts';
import type { PostDocument } from '../src/store/documents.ts';
import { scoreOf } from '../src/store/queue.ts';
import { type RankingTable, rankingTable } from '../src/store/ranking-table.ts';
import { openStore, type Store } from '../src/store/store.ts';

/** A real store for tests: each `fresh` one is a database of its own. */
export interface StoreHouse {
  readonly client: MongoClient;
  readonly uri: string;
  fresh(): Promise<Store>;
  close(): Promise<void>;
}

export async function openStoreHouse(): Promise<StoreHouse> {
  const set = await ReplicaSet.start();
  const client = mongoProxy(new MongoClient(set.uri, safeClientOptions));
  let count = 0;
  return {
    client,
    uri: set.uri,
    fresh: () => {
      count += 1;
      return openStore(client.db(`desk_${count}`));
    },
    close: async () => {
      await client.close();
      await set.stop();
    },
  };
}

export const demoShares: ReadonlyMap<string, number> = new Map([
  ['MSFT', 0.2322],
  ['AAPL', 0.7034],
  ['KO', 0.0644],
]);
export const demoRanking: RankingTable = rankingTable(demoShares);

export const start: Date = new Date('2026-11-23T12:00:00Z');
export const hoursLater = (hours: number): Date => new Date(start.getTime() + hours * 3_600_000);

/** An unread post that speaks of these symbols. */
export function post(
  id: string,
  symbols: readonly string[],
  createdAt: Date = start,
): PostDocument {
  const matched: MatchedTerm[] = symbols.map((symbol) => ({ symbol, term: `$${symbol}` }));
  return {
    _id: `x:${id}`,
    schema: 1,
    source: 'x',
    author: { name: 'Ann Example', handle: 'ann' },
    text: `Post ${id}`,
    lang: 'en',
    url: null,
    createdAt,
    receivedAt: createdAt,
    symbols: matched,
    queued: true,
    score: scoreOf({ symbols: matched, createdAt, receivedAt: createdAt }, demoRanking),
    ranking: demoRanking.version,
    verdict: null,
  };
}
