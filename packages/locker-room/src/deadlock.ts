import type { LockStatus } from './lock-status.ts';

/** An owner and the lock that he waits for. */
export interface Wait {
  readonly owner: string;
  /** Name of the lock. */
  readonly waitsFor: string;
}

/** A wait as the line has it. */
export interface Claim extends Wait {
  /** With how many at most the lock is held when it is granted. */
  readonly permits: number;
  /** How many stand before in line. */
  readonly before: number;
}

/**
 * The ring of those who wait for each other through this wait, which is its first: each waits for a
 * lock that the next one holds, and the last for one of the first's. Undefined when there is none.
 *
 * It counts only if nobody outside can open it by a release, as he could by that of one of several
 * permits. Owners are told apart by their names. One default owner alone is no ring: that name is
 * shared by all tasks of a process.
 */
export function findDeadlock(
  own: Claim,
  locks: readonly LockStatus[],
): readonly Wait[] | undefined {
  const lockOf = new Map(locks.map((lock) => [lock._id, lock]));
  /** Those who wait, less and less of them until only those are left who wait for ever. */
  const waiting = Map.groupBy([own, ...locks.flatMap(claimsOf)], ({ owner }) => owner);

  const holdersOf = (name: string) =>
    (lockOf.get(name)?.holders ?? []).filter(({ owner }) => waiting.has(owner));
  const isBlocked = ({ waitsFor, permits, before }: Claim): boolean => {
    const line = (lockOf.get(waitsFor)?.waiting ?? []).slice(0, before);
    const first = [...holdersOf(waitsFor), ...line.filter(({ owner }) => waiting.has(owner))];
    return first.length >= Math.min(permits, ...first.map((each) => each.permits));
  };
  for (let count = -1; count !== waiting.size; ) {
    count = waiting.size;
    for (const [owner, claims] of waiting) if (!claims.some(isBlocked)) waiting.delete(owner);
  }

  const seen = new Set([own.owner]);
  const ways = isBlocked(own) ? [[own]] : [];
  for (const way of ways) {
    for (const { owner } of holdersOf(way.at(-1)?.waitsFor ?? '')) {
      const isRing = owner === own.owner && (way.length > 1 || !isDefaultOwner(owner));
      if (isRing) return way.map((claim) => ({ owner: claim.owner, waitsFor: claim.waitsFor }));
      if (seen.has(owner)) continue;
      seen.add(owner);
      const claims = waiting.get(owner) ?? [];
      ways.push(...claims.filter(isBlocked).map((claim) => [...way, claim]));
    }
  }
  return undefined;
}

/** The ring in words: only possible when a name was not chosen, for it may be of several tasks. */
export function tellDeadlock(ring: readonly Wait[]): string {
  const words = ring.map(({ waitsFor }, place) => {
    const holder = ring[(place + 1) % ring.length]?.owner;
    return `waits for ${waitsFor} held by ${holder}`;
  });
  const isSure = !ring.some(({ owner }) => isDefaultOwner(owner));
  const what = isSure ? 'deadlock' : 'possible deadlock (an owner may be several tasks)';
  return `${what}: ${ring[0]?.owner} ${words.join(', who ')}`;
}

function claimsOf({ _id, waiting }: LockStatus): Claim[] {
  return waiting.map(({ owner, permits }, before) => ({ owner, permits, before, waitsFor: _id }));
}

/** Whether it looks like the owner that a locker room uses when none is named. */
function isDefaultOwner(owner: string): boolean {
  return /:\d+:[0-9a-f]{8}$/.test(owner);
}
