import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import type { Actions } from '../actions.ts';
import type { PageState } from '../page-state.ts';
import { rememberSingleKeys } from '../single-keys.ts';
import type { Store } from '../store.ts';
import { FailureBox } from './failure-box.tsx';
import { KeyHelp } from './key-help.tsx';
import { PageHeader } from './page-header.tsx';
import { PortfolioScreen } from './portfolio-screen.tsx';
import { ReadScreen } from './read-screen.tsx';

export interface ScreenProps {
  readonly state: PageState;
  readonly actions: Actions;
}

/** The whole page, drawn anew from the state after every event. */
export function App({
  state,
  actions,
  send,
}: ScreenProps & { readonly send: Store['send'] }): JSX.Element {
  const main = useRef<HTMLElement>(null);
  const title = state.route === 'portfolio' ? 'Portfolio' : unreadTitle(state);
  useEffect(() => {
    document.title = `${title} · Holdfast`;
  }, [title]);

  return (
    <>
      {/* biome-ignore lint/a11y/useValidAnchor: the hash is the route, so the jump leaves it alone */}
      <a
        class="skip-link"
        href="#main"
        onClick={(click) => {
          click.preventDefault();
          main.current?.focus();
        }}
      >
        Skip to the content
      </a>
      <PageHeader state={state} actions={actions} />
      <main id="main" class="main" tabIndex={-1} ref={main}>
        {state.failure && (
          <FailureBox failure={state.failure} onClose={() => send({ type: 'failure-read' })} />
        )}
        {state.route === 'portfolio' ? (
          <PortfolioScreen state={state} actions={actions} />
        ) : (
          <ReadScreen state={state} actions={actions} />
        )}
      </main>
      <KeyHelp
        open={state.helpOpen}
        singleKeys={state.singleKeys}
        onClose={() => send({ type: 'help-opened', open: false })}
        onSingleKeys={(on) => {
          rememberSingleKeys(on);
          send({ type: 'single-keys-set', on });
        }}
      />
      <p class="visually-hidden" role="status" aria-live="polite">
        {state.said}
      </p>
    </>
  );
}

function unreadTitle({ desk }: PageState): string {
  return desk === null || desk.unread === 0 ? 'Read' : `Read (${desk.unread.toLocaleString('en')})`;
}
