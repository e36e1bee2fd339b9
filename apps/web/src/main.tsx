import { render } from 'preact';
import { deskActions } from './actions.ts';
import { deskApi } from './api.ts';
import { App } from './components/app.tsx';
import { commandOf } from './keys.ts';
import { followDesk } from './live.ts';
import { initialState, type PageState } from './page-state.ts';
import { routeOf } from './route.ts';
import { readSingleKeys } from './single-keys.ts';
import { createStore } from './store.ts';

const first = initialState(routeOf(location.hash), Date.now(), readSingleKeys());
const store = createStore(first, show);
const actions = deskActions(deskApi(), store);

function show(state: PageState): void {
  const page = document.getElementById('page');
  if (page !== null) render(<App state={state} actions={actions} send={store.send} />, page);
}

addEventListener('hashchange', () => {
  store.send({ type: 'routed', route: routeOf(location.hash) });
});

addEventListener('keydown', (press) => {
  const { route, singleKeys, helpOpen } = store.state();
  const command = singleKeys ? commandOf(press) : undefined;
  if (command === undefined || (command !== 'help' && (helpOpen || route !== 'read'))) return;
  press.preventDefault();
  void actions.run(command);
});

setInterval(() => store.send({ type: 'minute-passed', now: Date.now() }), 60_000);

followDesk('/api/events', {
  connected(live) {
    const wasLive = store.state().live;
    store.send({ type: 'connection-changed', live });
    if (live && !wasLive) void actions.refresh();
  },
  event: {
    queue: ({ unread }) => void actions.unreadChanged(unread),
    stream: (stream) => store.send({ type: 'stream-changed', stream }),
    settings: ({ columns }) => actions.settingsChanged(columns),
  },
});

show(first);
void actions.refresh();
