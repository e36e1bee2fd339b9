import type { JSX } from 'preact';
import { openPost, waitingPosts } from '../page-state.ts';
import { caughtUp, newPosts } from '../wording.ts';
import type { ScreenProps } from './app.tsx';
import { CommandButton } from './command-button.tsx';
import { HoldingChips } from './holding-chips.tsx';
import { PostView } from './post-view.tsx';
import { QueueList } from './queue-list.tsx';

export function ReadScreen({ state, actions }: ScreenProps): JSX.Element {
  const post = openPost(state);
  const waiting = waitingPosts(state);
  return (
    <>
      <h1 class="visually-hidden">Read</h1>
      {state.desk && <HoldingChips holdings={state.desk.holdings} />}
      <div class="desk">
        <section class="reading" aria-label="Post">
          {post ? (
            <PostView post={post} state={state} actions={actions} />
          ) : (
            <NothingOpen state={state} actions={actions} />
          )}
        </section>
        <section class="queue" aria-label="Queue">
          <div class="queue-head">
            <h2>Queue</h2>
            {state.desk && <p>{state.desk.unread.toLocaleString('en')} unread</p>}
          </div>
          {waiting > 0 && (
            <CommandButton command="load" label={newPosts(waiting)} actions={actions} />
          )}
          <QueueList state={state} actions={actions} />
        </section>
      </div>
    </>
  );
}

function NothingOpen({ state, actions }: ScreenProps): JSX.Element {
  const { desk, queue, judged } = state;
  if (desk === null || queue === null) {
    return (
      <p class="nothing">{state.failure === null ? 'Opening the desk …' : 'Nothing to show.'}</p>
    );
  }
  const isEmpty = judged.length === 0 && desk.stream.stored === 0;
  return (
    <div class="nothing">
      <h2>{isEmpty ? 'No posts yet' : caughtUp(state)}</h2>
      <p>
        {isEmpty
          ? `Posts that speak of your holdings will come here. ${desk.stream.note}`
          : 'New posts are offered in the queue as they come.'}
      </p>
      {judged.length > 0 && <CommandButton command="undo" label="Undo" actions={actions} />}
    </div>
  );
}
