import { createHash } from 'node:crypto';
import type { PriceTable } from '@holdfast/portfolio';
import type { AnyBulkWriteOperation } from 'mongodb';
import type { Holding } from '../portfolio/demo-portfolio.ts';
import { parsePrices, readPriceBytes } from '../portfolio/price-file.ts';
import { joinPrices, planPrices } from '../portfolio/price-plan.ts';
import type { PriceYearDocument } from './documents.ts';
import type { Store } from './store.ts';

/** What an import did. */
export interface ImportReport {
  /** False when the source's last import was of this very file, and nothing was done. */
  readonly imported: boolean;
  readonly prices: number;
}

/**
 * Stores the prices of a file; a year in it replaces the same source's.
 *
 * The file is read whole before anything is stored. May be cut short and repeated: the record of
 * the import is written last.
 *
 * @throws {DeskError} `data`, when the file cannot be read
 */
export async function importPrices(
  store: Store,
  path: string,
  source: string,
): Promise<ImportReport> {
  const bytes = await readPriceBytes(path);
  return importAs(store, bytes, source, '', () => parsePrices(path, bytes));
}

/**
 * As `importPrices`, for bytes that are understood in another way.
 *
 * @param manner says how; the same bytes are another file when they are understood in another
 */
export async function importAs(
  { prices, imports }: Store,
  bytes: Uint8Array,
  source: string,
  manner: string,
  understand: () => PriceTable | Promise<PriceTable>,
): Promise<ImportReport> {
  const sha256 = createHash('sha256').update(bytes).update(manner).digest('hex');
  const before = await imports.findOne({ _id: source });
  if (before?.sha256 === sha256) return { imported: false, prices: before.prices };

  const years = planPrices(await understand());
  const writes = years.map((year): AnyBulkWriteOperation<PriceYearDocument> => {
    const _id = `${source}:${year.symbol}:${year.year}`;
    const replacement = { schema: 1, source, ...year } as const;
    return { replaceOne: { filter: { _id }, replacement, upsert: true } };
  });
  if (writes.length > 0) await prices.bulkWrite(writes, { ordered: false });
  const count = years.reduce((sum, { closes }) => sum + closes.length, 0);
  const record = { schema: 1, sha256, prices: count, at: new Date() } as const;
  await imports.replaceOne({ _id: source }, record, { upsert: true });
  return { imported: true, prices: count };
}

/** Stores holdings and what they are called, in place of all earlier ones. */
export async function saveHoldings(
  { holdings, instruments }: Store,
  list: readonly Holding[],
): Promise<void> {
  for (const [place, { symbol, name, weight, terms }] of list.entries()) {
    const upsert = { upsert: true };
    await instruments.replaceOne({ _id: symbol }, { schema: 1, name, terms }, upsert);
    await holdings.replaceOne({ _id: symbol }, { schema: 1, weight, place }, upsert);
  }
  const kept = new Set(list.map(({ symbol }) => symbol));
  for (const { _id } of await holdings.find().toArray()) {
    if (!kept.has(_id)) await holdings.deleteOne({ _id });
  }
}

/** The holdings in their order. */
export async function readHoldings({ holdings, instruments }: Store): Promise<readonly Holding[]> {
  const rows = await holdings.find().sort({ place: 1 }).toArray();
  const named = await instruments.find({ _id: { $in: rows.map(({ _id }) => _id) } }).toArray();
  const byName = new Map(named.map((row) => [row._id, row]));
  return rows.map(({ _id: symbol, weight }) => {
    const { name = symbol, terms = [] } = byName.get(symbol) ?? {};
    return { symbol, name, weight, terms };
  });
}

/** All prices of these symbols. */
export async function readStoredPrices(
  { prices }: Store,
  symbols: readonly string[],
): Promise<PriceTable> {
  const years = await prices.find({ symbol: { $in: [...symbols] } }).toArray();
  return joinPrices(years);
}
