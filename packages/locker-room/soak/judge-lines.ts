/** Was everybody served who came before, and was alive? */
import type { Evidence } from './evidence.ts';
import type { Line } from './line-watch.ts';
import type { LockChange } from './lock-change.ts';
import { promises } from './promise.ts';
import type { Tally } from './tally.ts';

/** Milliseconds for which a place is kept; it is renewed at each half. */
const patience = 5_000;
/** Milliseconds of faults and silence that cost nobody a place; after a fault a client waits as long again. */
const harmless = 1_000;

/** Compares how requests stood in line with the order in which the server granted them the lock. */
export function judgeLines(evidence: Evidence, tally: Tally): void {
  const grants = grantsOf(evidence);
  tally.add('places in line compared', 0);
  for (const line of evidence.lines) {
    for (const [place, first] of line.requests.entries()) {
      for (const second of line.requests.slice(place + 1)) {
        const [before, after] = [grants.get(first), grants.get(second)];
        // Not served, or in vain: a grant that is told of too late is given back, and asked for anew.
        if (after === undefined || before === null || after === null) continue;
        const isExcused = isInterrupted(evidence, line, first, after.seenAt);
        if (!isExcused) tally.add('places in line compared');
        if (before !== undefined && before.token < after.token) continue;
        const detail = `${line.name}: ${second} was served before ${first}, who stood before it`;
        if (!isExcused) tally.find(promises.order, detail);
      }
    }
  }
}

/** The grant of each request; null when there were some that it was not told of in time. */
function grantsOf({ changes, history }: Evidence): Map<string, LockChange | null> {
  const grants = new Map<string, LockChange | null>();
  for (const change of changes) {
    if (change.kind !== 'lock' || change.granted === undefined) continue;
    const { owner } = change.granted;
    const isUsed = history.holds.get(owner)?.token === change.token && !grants.has(owner);
    grants.set(owner, isUsed ? change : null);
  }
  return grants;
}

/** Whether the request may have lost its place between the look at the line and `until`. */
function isInterrupted(
  { diary, history }: Evidence,
  { at }: Line,
  request: string,
  until: number,
): boolean {
  const hold = history.holds.get(request);
  if (hold === undefined) return true;
  const { worker, askedAt, dueAt, endedAt } = hold;
  const since = Math.max(askedAt, at - patience);
  const silence = diary.unrest(since, until) + diary.silence(worker, since, until);
  // One whose time is up leaves the line before he says so.
  const hasLeft = Math.min(endedAt, dueAt, diary.endOf(worker)) <= until;
  return hasLeft || !diary.isOnTime(since, until) || silence > harmless;
}
