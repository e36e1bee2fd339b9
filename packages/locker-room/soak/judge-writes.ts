/**
 * Were late writes let in, and were writes lost?
 *
 * The order is that of the change stream. For locker-room a write is stale when a token above its
 * holder's was granted before it took effect. Redlock has no token, so its grants are put in the
 * order in which their holders were told, and a write is stale when one of a later holder took
 * effect before; what a holder writes too late, but before the next one writes, is not counted.
 */
import type { Evidence } from './evidence.ts';
import type { Hold, Write } from './history.ts';
import { promises } from './promise.ts';
import type { SideName } from './side.ts';
import type { Tally } from './tally.ts';
import type { Effect } from './watch.ts';

export function judgeWrites(evidence: Evidence, side: SideName, tally: Tally): void {
  judgeOrder(evidence, side, tally);
  judgeOutcomes(evidence, side, tally);
  judgeCounters(evidence, side, tally);
  if (side === 'locker-room') judgeByWhatWasTold(evidence, tally);
}

function effectsOf({ changes }: Evidence, side: SideName): Effect[] {
  return changes.filter((change) => change.kind === 'effect' && change.side === side) as Effect[];
}

function writesOf({ history }: Evidence, side: SideName): Write[] {
  return [...history.writes.values()].filter(({ hold }) => hold.side === side);
}

function judgeOrder(evidence: Evidence, side: SideName, tally: Tally): void {
  /** The newest grant of each name: its token, or when it was told. */
  const newest = new Map<string, number>();
  const late = new Set<Hold>();
  for (const cause of causes) tally.add(`stale writes ${cause}`, 0);
  for (const change of evidence.changes) {
    const { name } = change;
    const last = newest.get(name) ?? 0;
    if (change.kind === 'lock') {
      if (side === 'locker-room') newest.set(name, Math.max(last, change.token));
    } else if (change.side === side) {
      const { id, hold } = writeOf(evidence, change);
      const rank = side === 'locker-room' ? (hold.token ?? 0) : hold.grantedAt;
      if (side === 'redlock') newest.set(name, Math.max(last, rank));
      if (rank >= last) continue;
      late.add(hold);
      tally.add(`stale writes ${causeOf(evidence, hold, change.seenAt)}`);
      const detail = `${name}: write ${id} of token ${rank} took effect after ${last} was granted`;
      if (side === 'locker-room') tally.find(promises.stale, detail);
    }
  }
  tally.add('holders with stale writes', late.size);
}

function writeOf({ history }: Evidence, { write: id }: Effect): Write {
  const write = history.writes.get(id);
  if (write === undefined) throw new Error(`the journals tell of no write ${id}`);
  return write;
}

const causes = ['after a pause', 'after a jump of its clock', 'otherwise'] as const;

/** What kept a holder from noticing that it came too late. */
function causeOf({ diary }: Evidence, hold: Hold, until: number): (typeof causes)[number] {
  const { worker, grantedAt } = hold;
  if (diary.isPaused(worker, grantedAt, until)) return causes[0];
  const hasJumped = diary.shifts.some((shift) => {
    return shift.worker === worker && shift.at >= grantedAt && shift.at <= until;
  });
  return hasJumped ? causes[1] : causes[2];
}

function judgeOutcomes(evidence: Evidence, side: SideName, tally: Tally): void {
  const times = new Map<string, number>();
  for (const { write } of effectsOf(evidence, side)) times.set(write, (times.get(write) ?? 0) + 1);
  const { history: lines } = evidence.contents[side];
  for (const { id, to, outcome, reason } of writesOf(evidence, side)) {
    tally.add(`writes ${outcome}`);
    if (outcome === 'refused') tally.add(`  refused: ${reason}`);
    const count = times.get(id) ?? 0;
    const isThere = to === 'counter' ? count > 0 : lines.has(id);
    const told = `${side}: write ${id}, ${outcome}, took effect ${count} times and is ${isThere ? '' : 'not '}there`;
    const isKept = outcome !== 'acknowledged' || count > 0;
    if (!isKept || count > 1 || isThere !== count > 0) tally.find(promises.kept, told);
    if (outcome === 'refused' && count > 0) tally.find(promises.refused, told);
  }
}

function judgeCounters(evidence: Evidence, side: SideName, tally: Tally): void {
  const reached = new Map<string, number>();
  for (const { name, write, n } of effectsOf(evidence, side)) {
    if (evidence.history.writes.get(write)?.to !== 'counter') continue;
    const before = reached.get(name) ?? 0;
    const after = n ?? before;
    reached.set(name, after);
    if (after === before + 1) continue;
    tally.add('updates lost', before + 1 - after);
    const detail = `${name}: write ${write} brought the counter from ${before} to ${after}`;
    if (side === 'locker-room') tally.find(promises.counted, detail);
  }
  tally.add('updates lost', 0);
  if (side !== 'locker-room') return;
  const writes = writesOf(evidence, side).filter(({ to }) => to === 'counter');
  for (const [name, n] of evidence.contents[side].counters) {
    const own = writes.filter(({ hold }) => hold.name === name);
    const least = own.filter(({ outcome }) => outcome === 'acknowledged').length;
    const most = own.filter(({ outcome }) => outcome !== 'refused').length;
    if (n >= least && n <= most && n === (reached.get(name) ?? 0)) continue;
    const detail = `${name} is ${n}, ${least} were acknowledged and ${most - least} are unknown`;
    tally.find(promises.counted, detail);
  }
}

/** The same question by what workers were told and when: this rests on no change stream. */
function judgeByWhatWasTold({ history }: Evidence, tally: Tally): void {
  const holds = [...history.holds.values()].filter(({ side }) => side === 'locker-room');
  for (const own of Map.groupBy(holds, ({ name }) => name).values()) {
    const grants = own
      .filter(({ token }) => token !== undefined)
      .map(({ grantedAt: at, token = 0 }) => ({ at, token, write: undefined }));
    const writes = own
      .flatMap((hold) => hold.writes)
      .filter(({ outcome }) => outcome === 'acknowledged')
      .map((write) => ({ at: write.begunAt, token: write.hold.token ?? 0, write }));
    let newest = 0;
    for (const { token, write } of [...grants, ...writes].sort((a, b) => a.at - b.at)) {
      if (write === undefined) newest = Math.max(newest, token);
      else if (token < newest) {
        tally.find(promises.told, `write ${write.id} of token ${token}, begun after ${newest}`);
      }
    }
  }
}
