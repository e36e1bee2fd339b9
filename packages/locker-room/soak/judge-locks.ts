/** Was each lock one request's at a time, and did its holder know for how long? */
import type { Evidence } from './evidence.ts';
import { type History, type Hold, noticeOf } from './history.ts';
import type { Holder, LockChange } from './lock-change.ts';
import { promises } from './promise.ts';
import type { Tally } from './tally.ts';

/** Milliseconds by which the two ways to tell the time may differ. */
const precision = 2;

export function judgeLocks(evidence: Evidence, tally: Tally): void {
  const changes = evidence.changes.filter((change) => change.kind === 'lock');
  const holds = [...evidence.history.holds.values()];
  for (const [name, own] of Map.groupBy(changes, (change) => change.name)) {
    judgeTokens(own, tally);
    judgeGrants(evidence, own, tally);
    judgeEnds(evidence, own, tally);
    const grants = lastStates(own);
    tally.add('grants', grants.size);
    for (const hold of holds) {
      if (hold.name !== name || hold.token === undefined) continue;
      const grant = grants.get(hold.token);
      if (grant?.owner === hold.request) judgeNotice(evidence, hold, grant.expiresAt, tally);
      else {
        const detail = `${hold.request} was told of token ${hold.token}, granted to ${grant?.owner}`;
        tally.find(promises.tokens, `${name}: ${detail}`);
      }
    }
  }
}

function judgeTokens(changes: readonly LockChange[], tally: Tally): void {
  let last = 0;
  for (const { name, token, granted } of changes) {
    const isRight = granted ? token === last + 1 && granted.token === token : token === last;
    if (!isRight) tally.find(promises.tokens, `${name}: token ${token} after ${last}`);
    last = token;
  }
}

/**
 * A grant may end others only when their lease is over by the clock that grants, or when they give
 * the lock back: that hands it on in the same write.
 */
function judgeGrants({ history }: Evidence, changes: readonly LockChange[], tally: Tally): void {
  for (const { name, granted, ended, holders, seenAt } of changes) {
    if (granted === undefined) continue;
    const early = ended.find(
      (each) => each.expiresAt > granted.timestamp && !isGivenBack(history, each, seenAt),
    );
    const other = early ?? holders.find(({ token }) => token !== granted.token);
    if (other === undefined) continue;
    const left = other.expiresAt - granted.timestamp;
    const detail = `token ${granted.token} was granted ${left} ms before the end of ${other.token}'s lease`;
    tally.find(promises.apart, `${name}: ${detail}`);
  }
}

/** Who holds a lock no longer, though it was granted to nobody else, has given it back or let its lease end. */
function judgeEnds(
  { history, diary, wallClock }: Evidence,
  changes: readonly LockChange[],
  tally: Tally,
): void {
  for (const { name, granted, ended, seenAt } of changes) {
    if (granted !== undefined) continue;
    for (const each of ended) {
      if (isGivenBack(history, each, seenAt)) continue;
      const { owner, token, timestamp, expiresAt } = each;
      const isOver =
        expiresAt <= seenAt + wallClock || !diary.isQuiet(timestamp - wallClock, seenAt);
      if (!isOver) tally.find(promises.giver, `${name}: token ${token} of ${owner}`);
    }
  }
}

/** Whether its worker was giving it back by then; a grant that it was not told of in time is given back unused. */
function isGivenBack(history: History, { owner, token }: Holder, seenAt: number): boolean {
  const hold = history.holds.get(owner);
  return hold?.token !== token || hold.releasingAt <= seenAt;
}

/** Each holder as it was last, by token. */
function lastStates(changes: readonly LockChange[]): Map<number, Holder> {
  const states = changes.flatMap(({ holders }) => holders);
  return new Map(states.map((holder) => [holder.token, holder]));
}

/** Whether a holder that was awake all the time knew before the end of its lease that it was over. */
function judgeNotice(
  { diary, history, wallClock }: Evidence,
  hold: Hold,
  expiresAt: number,
  tally: Tally,
): void {
  const { worker, name, token, lease, grantedAt } = hold;
  const noticedAt = noticeOf(hold);
  const endsAt = expiresAt - wallClock;
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
