import type {
  ApiError,
  DeskState,
  JudgementReply,
  JudgementRequest,
  PortfolioReport,
  QueueReply,
  Settings,
  UndoReply,
} from '@holdfast/desk/api';

/** The desk's calls. Each rejects with a `DeskCallError`, whatever went wrong. */
export interface DeskApi {
  state(): Promise<DeskState>;
  /** The first of the queue, `limit` posts at most. */
  queue(limit: number): Promise<QueueReply>;
  portfolio(): Promise<PortfolioReport>;
  judge(request: JudgementRequest): Promise<JudgementReply>;
  undo(): Promise<UndoReply>;
  saveSettings(settings: Settings): Promise<Settings>;
}

/** A call that the desk refused or never answered; `mend` says what the user can do. */
export class DeskCallError extends Error {
  override readonly name = 'DeskCallError';
  readonly mend: string | undefined;

  constructor(message: string, mend?: string, options?: ErrorOptions) {
    super(message, options);
    this.mend = mend;
  }
}

/** Longer than the desk itself waits for its database to choose a new primary. */
const patience = 75_000;

/** The calls of the desk at `base`; the empty base is the page's own origin. */
export function deskApi(base = ''): DeskApi {
  const get = (path: string) => call(`${base}${path}`, {});
  const send = (method: string, path: string, body: object) =>
    call(`${base}${path}`, {
      method,
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
  // The contract types both sides: what the desk answers is trusted to be what it declares.
  return {
    state: () => get('/api/state') as Promise<DeskState>,
    queue: (limit) => get(`/api/queue?limit=${limit}`) as Promise<QueueReply>,
    portfolio: () => get('/api/portfolio') as Promise<PortfolioReport>,
    judge: (request) => send('POST', '/api/judgements', request) as Promise<JudgementReply>,
    undo: () => send('POST', '/api/judgements/undo', {}) as Promise<UndoReply>,
    saveSettings: (settings) => send('PUT', '/api/settings', settings) as Promise<Settings>,
  };
}

async function call(url: string, init: RequestInit): Promise<unknown> {
  let response: Response;
  try {
    response = await fetch(url, { ...init, signal: AbortSignal.timeout(patience) });
  } catch (cause) {
    throw new DeskCallError('The desk does not answer.', 'Is holdfast still running?', { cause });
  }
  try {
    if (response.ok) return await response.json();
  } catch (cause) {
    throw new DeskCallError('The desk broke off its answer.', 'Try again.', { cause });
  }
  throw await refusal(response);
}

async function refusal(response: Response): Promise<DeskCallError> {
  const reason = (await response.json().catch(() => null)) as Partial<ApiError> | null;
  return typeof reason?.error === 'string'
    ? new DeskCallError(reason.error, reason.mend)
    : new DeskCallError(`The desk answered ${response.status}.`);
}
