import type { JSX } from 'preact';
import { hashOf, type Route, routes } from '../route.ts';
import { statusWords } from '../wording.ts';
import type { ScreenProps } from './app.tsx';
import { CommandButton } from './command-button.tsx';

const names: Record<Route, string> = { read: 'Read', portfolio: 'Portfolio' };

export function PageHeader({ state, actions }: ScreenProps): JSX.Element {
  const { status, name, note } = statusWords(state.desk?.stream, state.live);
  return (
    <header>
      {state.desk?.banner && <p class="banner">{state.desk.banner}</p>}
      <div class="page-header">
        <p class="brand">
          <svg class="brand-mark" viewBox="0 0 24 16" aria-hidden="true">
            <path class="brand-lines" d="M5 2h14M2 8h5M17 8h5M6 14h12" />
            <path class="brand-axis" d="M10 8h4" />
          </svg>
          Holdfast
        </p>
        <nav aria-label="Screens">
          <ul class="screens">
            {routes.map((route) => (
              <li key={route}>
                <a href={hashOf(route)} aria-current={route === state.route ? 'page' : undefined}>
                  {names[route]}
                </a>
              </li>
            ))}
          </ul>
        </nav>
        <p class={`status status-${status}`} title={note}>
          <span class="status-dot" aria-hidden="true" />
          {name}
        </p>
        {note !== '' && (
          <p class={status === 'ingesting' ? 'visually-hidden' : 'status-note'}>{note}</p>
        )}
        <CommandButton command="help" label="Keys" actions={actions} quiet />
      </div>
    </header>
  );
}
