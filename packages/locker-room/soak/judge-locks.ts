/** Was each lock one request's at a time, and did its holder know for how long? */
import type { Evidence } from './evidence.ts';
import { noticeOf } from './history.ts';
import { promises } from './promise.ts';
import type { Tally } from './tally.ts';
import type { LockChange } from './watch.ts';

/** Milliseconds by which the two ways to tell the time may differ. */
const precision = 2;

interface Grant {
  readonly token: number;
  readonly owner: string;
  /** When its lease ends by the server's clock; nothing when it was given back. */
  expiresAt: number | null;
  /** When it would have ended. */
  end: number;
}

export function judgeLocks(evidence: Evidence, tally: Tally): void {
  const changes = evidence.changes.filter((change) => change.kind === 'lock');
  const told = [...evidence.history.holds.values()].filter(({ token }) => token !== undefined);
  for (const [name, own] of Map.groupBy(changes, (change) => change.name)) {
    const grants = grantsOf(evidence, own, tally);
    tally.add('grants', grants.size);
    for (const hold of told.filter((each) => each.name === name)) {
      const grant = grants.get(hold.token ?? 0);
      if (grant?.owner === hold.request) continue;
      const detail = `${name}: ${hold.request} was told of token ${hold.token}, granted to ${grant?.owner}`;
      tally.find(promises.tokens, detail);
    }
  }
}

/** The grants of one lock by token, from its changes in the order of the server. */
function grantsOf(
  evidence: Evidence,
  changes: readonly LockChange[],
  tally: Tally,
): Map<number, Grant> {
  const { history } = evidence;
  const grants = new Map<number, Grant>();
  let last: Grant = { token: 0, owner: '', expiresAt: null, end: 0 };
  for (const { name, token, owner, timestamp, expiresAt, seenAt } of changes) {
    if (token !== undefined) {
      const end = expiresAt ?? last.end;
      const next = { token, owner: owner ?? last.owner, expiresAt: end, end };
      const pair = `${name}: token ${token} after ${last.token}`;
      if (token !== last.token + 1) tally.find(promises.tokens, pair);
      if (last.expiresAt !== null && (timestamp ?? 0) < last.expiresAt) {
        const early = last.expiresAt - (timestamp ?? 0);
        tally.find(promises.apart, `${pair}, granted ${early} ms before the end of its lease`);
      }
      judgeNotice(evidence, last, tally);
      last = next;
      grants.set(token, next);
    } else if (expiresAt === null) {
      const holder = history.holds.get(last.owner);
      // A grant that nobody was told of in time is given back unused.
      if (holder?.token === last.token && holder.releasingAt > seenAt) {
        tally.find(promises.giver, `${name}: token ${last.token} of ${last.owner}`);
      }
      last.expiresAt = null;
    } else if (expiresAt !== undefined) {
      last.expiresAt = expiresAt;
      last.end = expiresAt;
    }
  }
  judgeNotice(evidence, last, tally);
  return grants;
}

/** Whether a holder that was awake all the time knew before the end of its lease that it was over. */
function judgeNotice(
  { diary, history, wallClock }: Evidence,
  { owner, token, end }: Grant,
  tally: Tally,
): void {
  const hold = history.holds.get(owner);
  // Nobody was told of others in time.
  if (hold?.token !== token) return;
  const { worker, name, lease, grantedAt } = hold;
  const noticedAt = noticeOf(hold);
  const endsAt = end - wallClock;
  if (noticedAt === Infinity || !diary.isQuiet(grantedAt - lease, noticedAt)) return;
  const renewedAt = endsAt - lease;
  const hasStalled = history.stalls.some((stall) => {
    return stall.worker === worker && stall.from <= noticedAt && stall.to >= renewedAt;
  });
  if (hasStalled || diary.isPaused(worker, renewedAt, noticedAt)) return;
  tally.add('holds without pause, stall or fault');
  if (noticedAt <= endsAt + precision) return;
  const late = Math.round(noticedAt - endsAt);
  tally.find(promises.signal, `${name}: token ${token} of ${worker}, ${late} ms too late`);
}
