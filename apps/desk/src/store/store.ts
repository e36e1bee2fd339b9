import type { Collection, Db } from 'mongodb';
import type {
  CursorDocument,
  GapDocument,
  HoldingDocument,
  ImportDocument,
  InstrumentDocument,
  JudgementDocument,
  PostDocument,
  PriceYearDocument,
  SettingsDocument,
} from './documents.ts';

/** The desk's collections. */
export interface Store {
  readonly db: Db;
  readonly posts: Collection<PostDocument>;
  readonly judgements: Collection<JudgementDocument>;
  readonly cursors: Collection<CursorDocument>;
  readonly gaps: Collection<GapDocument>;
  readonly instruments: Collection<InstrumentDocument>;
  readonly holdings: Collection<HoldingDocument>;
  readonly prices: Collection<PriceYearDocument>;
  readonly imports: Collection<ImportDocument>;
  readonly settings: Collection<SettingsDocument>;
}

/** The collections of a database, as they are. */
export function storeOf(db: Db): Store {
  return {
    db,
    posts: db.collection('posts'),
    judgements: db.collection('judgements'),
    cursors: db.collection('cursors'),
    gaps: db.collection('gaps'),
    instruments: db.collection('instruments'),
    holdings: db.collection('holdings'),
    prices: db.collection('prices'),
    imports: db.collection('imports'),
    settings: db.collection('settings'),
  };
}

/** Opens the collections of a database and sees to their indexes. May be repeated. */
export async function openStore(db: Db): Promise<Store> {
  const store = storeOf(db);
  await store.posts.createIndexes([
    { key: { queued: 1, score: -1, _id: 1 } },
    { key: { 'symbols.symbol': 1, queued: 1 } },
    { key: { source: 1, receivedAt: 1 } },
  ]);
  await store.judgements.createIndexes([
    { key: { kind: 1, stands: 1, at: -1, _id: -1 } },
    { key: { postId: 1 } },
  ]);
  await store.gaps.createIndex({ source: 1, to: -1 });
  await store.prices.createIndex({ symbol: 1 });
  return store;
}
