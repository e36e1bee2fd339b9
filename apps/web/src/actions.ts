import type { Verdict } from '@holdfast/desk/api';
import { type DeskApi, DeskCallError } from './api.ts';
import type { Command } from './keys.ts';
import { type Failure, type Pending, waitingPosts } from './page-state.ts';
import type { Store } from './store.ts';

/** What the user, and the desk's events, can make the page do. */
export interface Actions {
  /** Loads everything the open screen needs; again after a lost connection. */
  readonly refresh: () => Promise<void>;
  /** Does what a key or its button stands for. */
  readonly run: (command: Command) => Promise<void>;
  readonly open: (postId: string) => Promise<void>;
  /** Loads more of the posts that the last load left with the desk. */
  readonly loadMore: () => Promise<void>;
  readonly setColumns: (columns: number) => void;
  /** The desk's settings changed, perhaps in another window. */
  readonly settingsChanged: (columns: number) => void;
  readonly unreadChanged: (unread: number) => Promise<void>;
  readonly loadPortfolio: () => Promise<void>;
}

/** How many posts are loaded at a time. */
const batch = 50;

/** The most that the desk gives at once. */
const mostPosts = 1_000;

/** Fewer loaded posts than this after the open one, and more of those that are there are loaded. */
const refillBelow = 6;

/** Milliseconds a slider must rest before its value is saved. */
const settleTime = 400;

/** Milliseconds between two looks at the holdings while posts stream in. */
const stateInterval = 250;

export function deskActions(api: DeskApi, store: Store): Actions {
  const { send } = store;
  let lastCall: Promise<void> = Promise.resolve();
  let saveTimer: ReturnType<typeof setTimeout> | undefined;
  let columnsSaved = true;
  let isRefilling = false;
  let stateTimer: ReturnType<typeof setTimeout> | undefined;

  /** One call after the other, so that no reply is older than what the page already shows. */
  const inTurn = (
    call: () => Promise<void>,
    type: 'failed' | 'refused' = 'failed',
  ): Promise<void> => {
    lastCall = lastCall.then(call).catch((error) => send({ type, failure: failureOf(error) }));
    return lastCall;
  };

  const loadDesk = async (): Promise<void> => {
    const desk = await api.state();
    send({ type: 'desk-loaded', desk });
    settingsChanged(desk.settings.columns);
  };

  const lookAtDeskSoon = (): void => {
    if (stateTimer !== undefined) return;
    stateTimer = setTimeout(() => {
      stateTimer = undefined;
      void inTurn(loadDesk);
    }, stateInterval);
  };

  const loadQueue = (keep: 'read' | 'all', limit = batch) =>
    inTurn(async () => send({ type: 'queue-loaded', reply: await api.queue(limit), keep }));

  /** What is loaded stays, so the desk is asked for that much and a batch more. */
  const loadMore = (): Promise<void> =>
    loadQueue('all', Math.min(mostPosts, batch + (store.state().queue?.length ?? 0)));

  const refill = async (): Promise<void> => {
    const { queue, placeId, beyond } = store.state();
    const place = queue?.findIndex(({ id }) => id === placeId) ?? -1;
    const left = (queue?.length ?? 0) - place - 1;
    if (beyond === 0 || left >= refillBelow || isRefilling) return;
    isRefilling = true;
    await loadMore();
    isRefilling = false;
  };

  const ask = (pending: Pending, call: () => Promise<void>): Promise<void> => {
    if (store.state().pending !== null) return lastCall;
    send({ type: 'asked', pending });
    return inTurn(call, 'refused');
  };

  const judge = async (verdict: Verdict): Promise<void> => {
    const postId = store.state().placeId;
    if (postId === null) return;
    await ask({ kind: 'judge', postId, verdict }, async () => {
      send({ type: 'judged', reply: await api.judge({ postId, verdict }) });
    });
    await refill();
  };

  const move = (by: 1 | -1): Promise<void> => {
    send({ type: 'moved', by });
    return refill();
  };

  const undo = (): Promise<void> =>
    ask({ kind: 'undo' }, async () => send({ type: 'undone', reply: await api.undo() }));

  const settingsChanged = (columns: number): void => {
    if (columnsSaved) send({ type: 'columns-changed', columns });
  };

  const loadPortfolio = async (): Promise<void> => {
    try {
      send({ type: 'portfolio-loaded', portfolio: await api.portfolio() });
    } catch (error) {
      send({ type: 'portfolio-failed', failure: failureOf(error) });
    }
  };

  return {
    async refresh() {
      await inTurn(loadDesk);
      const { queue, route } = store.state();
      if (queue === null || queue.length === 0) await loadQueue('all');
      if (route === 'portfolio') await loadPortfolio();
    },

    async run(command) {
      if (command === 'keep' || command === 'skip') return judge(command);
      if (command === 'undo') return undo();
      if (command === 'load') return loadQueue('read');
      if (command === 'next') return move(1);
      if (command === 'previous') return move(-1);
      if (command === 'why') return send({ type: 'why-toggled' });
      command satisfies 'help';
      send({ type: 'help-opened', open: !store.state().helpOpen });
    },

    open(postId) {
      send({ type: 'opened', postId });
      return refill();
    },

    loadMore,

    setColumns(columns) {
      send({ type: 'columns-changed', columns });
      columnsSaved = false;
      clearTimeout(saveTimer);
      saveTimer = setTimeout(() => {
        saveTimer = undefined;
        void inTurn(async () => {
          await api.saveSettings({ columns: store.state().columns });
          columnsSaved = saveTimer === undefined;
        });
      }, settleTime);
    },

    settingsChanged,

    async unreadChanged(unread) {
      send({ type: 'unread-changed', unread });
      lookAtDeskSoon();
      const { queue, judged } = store.state();
      const nothingToDisturb = queue?.length === 0 && judged.length === 0;
      if (nothingToDisturb && waitingPosts(store.state()) > 0) await loadQueue('read');
    },

    loadPortfolio,
  };
}

function failureOf(error: unknown): Failure {
  if (error instanceof DeskCallError) return { message: error.message, mend: error.mend };
  return { message: `The page failed: ${String(error)}`, mend: 'Reload it.' };
}
