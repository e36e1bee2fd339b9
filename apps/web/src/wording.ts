import type {
  HoldingChip,
  PortfolioReport,
  QueuedPost,
  StreamState,
  Verdict,
} from '@holdfast/desk/api';
import type { Failure, PageState, Pending } from './page-state.ts';

/** `0.703` as `70 %`; the space does not break, and a minus is a minus. */
export function percent(share: number, digits = 0): string {
  const figure = Math.abs(share * 100).toFixed(digits);
  const sign = share < 0 && Number(figure) !== 0 ? '−' : '';
  return `${sign}${figure}\u00a0%`;
}

/** A count and its noun: `1 post`, `1,204 posts`. */
export function counted(count: number, noun: string): string {
  return `${count.toLocaleString('en')} ${noun}${count === 1 ? '' : 's'}`;
}

export function newPosts(count: number): string {
  return `${count.toLocaleString('en')} new ${count === 1 ? 'post' : 'posts'}`;
}

/** How long ago an instant was, in one short unit; its date when that is over a month. */
export function ago(instant: string, now: number): string {
  const minutes = Math.floor((now - Date.parse(instant)) / 60_000);
  if (!(minutes >= 1)) return 'now';
  if (minutes < 60) return `${minutes} min`;
  if (minutes < 48 * 60) return `${Math.floor(minutes / 60)} h`;
  const days = Math.floor(minutes / (24 * 60));
  return days <= 31 ? `${days} d` : instant.slice(0, 10);
}

/** `50 % of money · 70 % of risk · 14 posts` */
export function chipWords({ weight, riskShare, posts }: HoldingChip): string {
  return [
    `${percent(weight)} of money`,
    `${percent(riskShare)} of risk`,
    counted(posts, 'post'),
  ].join(' · ');
}

export function symbolsOf({ symbols }: QueuedPost): string {
  return symbols.map(({ symbol }) => symbol).join(', ');
}

/** What the live region says of a post that was just opened. */
export function postInBrief(post: QueuedPost): string {
  return `${post.author.name} on ${symbolsOf(post)}.`;
}

export function verdictDone(verdict: Verdict): string {
  return verdict === 'keep' ? 'Kept.' : 'Skipped.';
}

/** What went wrong, led by what it means: that nothing was saved. */
export function notDone(pending: Pending | null, { message, mend }: Failure): Failure {
  return { message: `${pending?.kind === 'undo' ? 'Not undone' : 'Not saved'}: ${message}`, mend };
}

/** `Caught up. 31 read, 9 kept.` */
export function caughtUp({ judged }: PageState): string {
  return judged.length === 0 ? 'Caught up.' : `Caught up. ${tally(judged)}`;
}

export const nothingToUndo = 'Nothing is left to undo.';
export const undoneWithoutPost =
  'Undone. The post stays away: it was deleted, or an earlier verdict on it stands.';

/** What stands beside the verdict buttons: saved is said only of what the desk confirmed. */
export function verdictNote({ pending, judged, said }: PageState): string {
  if (pending !== null) return pending.kind === 'undo' ? 'Undoing …' : 'Saving …';
  if (said === nothingToUndo || said === undoneWithoutPost) return said;
  const last = judged.at(-1);
  if (last === undefined) return '';
  return `Saved: ${last.verdict === 'keep' ? 'kept' : 'skipped'}. ${tally(judged)}`;
}

function tally(judged: PageState['judged']): string {
  const kept = judged.filter(({ verdict }) => verdict === 'keep').length;
  return `${judged.length} read, ${kept} kept.`;
}

const statusNames: Record<StreamState['status'], string> = {
  connecting: 'Connecting',
  ingesting: 'Receiving',
  standby: 'Standing by',
  waiting: 'Waiting',
  offline: 'Offline',
};

export interface StatusWords {
  readonly status: StreamState['status'];
  readonly name: string;
  readonly note: string;
}

/** The stream's status; offline when the desk itself cannot be heard. */
export function statusWords(stream: StreamState | undefined, live: boolean): StatusWords {
  if (!live) {
    const note = 'No connection to the desk. Trying again.';
    return { status: 'offline', name: statusNames.offline, note };
  }
  if (stream === undefined) return { status: 'connecting', name: statusNames.connecting, note: '' };
  return { status: stream.status, name: statusNames[stream.status], note: stream.note };
}

/** What the portfolio does on a normal day, in one or two plain sentences. */
export function portfolioSentence(report: PortfolioReport): string {
  const expected = percent(report.dailyVolatility, 1);
  const unrelated = percent(report.unrelatedDailyVolatility, 1);
  const heaviest = report.holdings.toSorted((a, b) => b.riskShare - a.riskShare)[0];
  return [
    `Expected to move about ±${expected} on a normal day;`,
    `if your holdings were unrelated, ±${unrelated}.`,
    heaviest && `${heaviest.symbol} carries ${percent(heaviest.riskShare)} of the risk.`,
  ]
    .filter(Boolean)
    .join(' ');
}

export function yearSentence({ yearlyVolatility, diversificationRatio }: PortfolioReport): string {
  const ratio = diversificationRatio.toFixed(2);
  return [
    `About ±${percent(yearlyVolatility)} in a normal year.`,
    `If all moved as one it would be ${ratio} times as much, the diversification ratio.`,
  ].join(' ');
}
