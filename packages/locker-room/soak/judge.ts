/** The checker: what a round's history and the server's order tell of each side. */
import type { Evidence } from './evidence.ts';
import { noticeOf } from './history.ts';
import { judgeLines } from './judge-lines.ts';
import { judgeLocks } from './judge-locks.ts';
import { judgeWrites } from './judge-writes.ts';
import { promises } from './promise.ts';
import { type SideName, sideNames } from './side.ts';
import type { Tally } from './tally.ts';

/** Counts that both sides have, in the order in which they are shown. */
const counted = [
  ...['pauses of holders', 'pauses within a write', 'locks held in pauses'],
  ...['locks held', 'not granted in time', 'given back too late'],
  ...['writes acknowledged', 'writes refused', 'writes unknown', 'writes failed'],
];

/** Counts what happened, and finds what must not. */
export function judge(evidence: Evidence, tallies: Readonly<Record<SideName, Tally>>): void {
  for (const side of sideNames) {
    const tally = tallies[side];
    for (const name of counted) tally.add(name, 0);
    countPauses(evidence, side, tally);
    countHolds(evidence, side, tally);
    judgeWrites(evidence, side, tally);
  }
  const tally = tallies['locker-room'];
  judgeLocks(evidence, tally);
  judgeLines(evidence, tally);
  for (const { side, detail } of evidence.history.failures) {
    if (side === 'locker-room') tally.find(promises.quiet, detail);
    else tallies[side].add('errors');
  }
}

/** Counts pauses that were longer than the lease of a lock that the worker held all through them. */
function countPauses({ history, diary }: Evidence, side: SideName, tally: Tally): void {
  const holds = [...history.holds.values()].filter((hold) => hold.side === side);
  const byWorker = Map.groupBy(holds, ({ worker }) => worker);
  for (const { worker, from, to } of diary.pauses) {
    const held = (byWorker.get(worker) ?? []).filter((hold) => {
      return hold.grantedAt < from && noticeOf(hold) > to && hold.lease < to - from;
    });
    if (held.length === 0) continue;
    tally.add('pauses of holders');
    tally.add('locks held in pauses', held.length);
    const writes = held.flatMap((hold) => hold.writes);
    if (writes.some(({ begunAt, toldAt }) => begunAt < from && toldAt > to)) {
      tally.add('pauses within a write');
    }
  }
}

function countHolds({ history }: Evidence, side: SideName, tally: Tally): void {
  for (const { side: own, grantedAt, end } of history.holds.values()) {
    if (own !== side) continue;
    if (grantedAt < Infinity) tally.add('locks held');
    if (end === 'late') tally.add('given back too late');
    if (end === 'timeout') tally.add('not granted in time');
  }
}
