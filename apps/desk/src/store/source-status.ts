import type { LockerRoom } from '@holdfast/locker-room';
import type { StreamState } from '../api.ts';
import type { GapReport, SourceStatus } from '../status-report.ts';
import type { Store } from './store.ts';

/** The counts of a source that the page shows. */
export async function readStreamCounts(
  { cursors }: Store,
  source: string,
): Promise<Pick<StreamState, 'received' | 'stored' | 'lastPostAt'>> {
  const cursor = await cursors.findOne({ _id: source });
  return {
    received: cursor?.received ?? 0,
    stored: cursor?.stored ?? 0,
    lastPostAt: cursor?.lastPostAt?.toISOString() ?? null,
  };
}

/** All that is known of a source, its latest gaps and its lock included. */
export async function readSourceStatus(
  store: Store,
  lockers: LockerRoom,
  source: string,
  { status, note }: Pick<StreamState, 'status' | 'note'>,
): Promise<SourceStatus> {
  const [cursor, gaps, lock] = await Promise.all([
    store.cursors.findOne({ _id: source }),
    readGaps(store, source),
    lockers.status(`ingest:${source}`),
  ]);
  return {
    source,
    status,
    note,
    received: cursor?.received ?? 0,
    stored: cursor?.stored ?? 0,
    duplicates: cursor?.duplicates ?? 0,
    deleted: cursor?.deleted ?? 0,
    gaps,
    lockToken: String(lock.token),
    lockOwner: lock.owner,
    lastPostAt: cursor?.lastPostAt?.toISOString() ?? null,
  };
}

const mostGaps = 100;

async function readGaps({ gaps }: Store, source: string): Promise<readonly GapReport[]> {
  const found = await gaps.find({ source }).sort({ to: -1 }).limit(mostGaps).toArray();
  return found.map(({ from, to, reason, missed }) => ({
    from: from.toISOString(),
    to: to.toISOString(),
    reason,
    missed,
  }));
}

/** As `readSourceStatus`, of every source that was ever read, as seen from outside the desks. */
export async function readSourceStatuses(
  store: Store,
  lockers: LockerRoom,
): Promise<readonly SourceStatus[]> {
  const cursors = await store.cursors.find().project<{ _id: string }>({ _id: 1 }).toArray();
  return Promise.all(
    cursors.map(async ({ _id }) => {
      const { locked } = await lockers.status(`ingest:${_id}`);
      const state = locked
        ? ({ status: 'ingesting', note: 'A desk reads it.' } as const)
        : ({ status: 'offline', note: 'No desk reads it.' } as const);
      return readSourceStatus(store, lockers, _id, state);
    }),
  );
}
