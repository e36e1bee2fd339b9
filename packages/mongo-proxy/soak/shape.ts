/** The queries that cursors run, and what their results are by a plain list. */
import type { Document, Filter, Sort } from 'mongodb';
import type { Order, Row } from './comparison.ts';
import { keysOver, type Thing } from './movers.ts';

export interface Shape {
  readonly name: string;
  readonly filter: Filter<Thing>;
  readonly sort?: Sort;
  readonly skip?: number;
  readonly limit?: number;
  readonly projection?: Document;
  /** How much of the order is said. */
  readonly order: Order;
  /** The result, of everything that is there. */
  pick(all: readonly Row[]): Row[];
}

const byId = (a: Row, b: Row): number => a.id - b.id;
const byKeyAndId = (a: Row, b: Row): number => (a.key ?? 0) - (b.key ?? 0) || a.id - b.id;
const downwards = (a: Row, b: Row): number => (b.key ?? 0) - (a.key ?? 0) || a.id - b.id;

/** For so many documents. Many share a key, so that orders by it have ties. */
export function shapesOver(documents: number): Shape[] {
  const most = keysOver(documents);
  const from = Math.floor(most / 4);
  const to = Math.floor((most * 3) / 4);
  const skip = Math.floor(documents / 20);
  const limit = Math.floor(documents / 3);
  return [
    {
      name: 'by _id',
      filter: {},
      sort: { _id: 1 },
      order: 'whole',
      pick: (all) => all.toSorted(byId),
    },
    {
      name: 'by key and _id',
      filter: {},
      sort: { key: 1, _id: 1 },
      order: 'whole',
      pick: (all) => all.toSorted(byKeyAndId),
    },
    {
      name: 'by key, with ties',
      filter: {},
      sort: { key: 1 },
      order: 'key',
      pick: (all) => [...all],
    },
    { name: 'in no order', filter: {}, order: 'none', pick: (all) => [...all] },
    {
      name: 'a range downwards, skip and limit',
      filter: { key: { $gte: from, $lt: to } },
      sort: { key: -1, _id: 1 },
      skip,
      limit,
      order: 'whole',
      pick: (all) =>
        all
          .filter(({ key = 0 }) => key >= from && key < to)
          .toSorted(downwards)
          .slice(skip, skip + limit),
    },
    {
      name: 'by a key that is not shown',
      filter: {},
      sort: { key: 1, _id: 1 },
      projection: { version: 1 },
      order: 'whole',
      pick: (all) => all.toSorted(byKeyAndId).map(({ id, version }) => ({ id, version })),
    },
  ];
}
