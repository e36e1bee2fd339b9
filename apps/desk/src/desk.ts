import type {
  DeskEvents,
  DeskState,
  JudgementReply,
  JudgementRequest,
  PortfolioReport,
  QueueReply,
  Settings,
  UndoReply,
} from './api.ts';
import type { StatusReport } from './status-report.ts';

/** One event of the desk: its name and its data. */
export type DeskEvent = {
  [Name in keyof DeskEvents]: { readonly name: Name; readonly data: DeskEvents[Name] };
}[keyof DeskEvents];

/** What the desk can be asked, whoever asks: the page over HTTP, or a test. */
export interface Desk {
  state(): Promise<DeskState>;
  /** The unread posts of the highest priority, at most `limit`. */
  queue(limit: number): Promise<QueueReply>;
  portfolio(): Promise<PortfolioReport>;
  /** Resolves only when the verdict is stored on a majority of the members. */
  judge(request: JudgementRequest): Promise<JudgementReply>;
  /** Takes back the latest judgement that has not been taken back; may be repeated. */
  undo(): Promise<UndoReply>;
  saveSettings(settings: Settings): Promise<Settings>;
  status(): Promise<StatusReport>;
  /** True while the primary can be reached. */
  isReady(): Promise<boolean>;
  /** Calls `listener` at each event until the returned function is called. */
  onEvent(listener: (event: DeskEvent) => void): () => void;
}
