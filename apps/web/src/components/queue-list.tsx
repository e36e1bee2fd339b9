import type { QueuedPost } from '@holdfast/desk/api';
import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { ago, symbolsOf } from '../wording.ts';
import type { ScreenProps } from './app.tsx';

export function QueueList({ state, actions }: ScreenProps): JSX.Element {
  const { queue, placeId, pending, beyond } = state;
  const list = useRef<HTMLOListElement>(null);
  useEffect(() => {
    if (list.current !== null) showOpenRow(list.current);
  }, [placeId]);

  return (
    <>
      <ol class="queue-list" ref={list}>
        {(queue ?? []).map((post) => (
          <li key={post.id}>
            <QueueRow
              post={post}
              now={state.now}
              isOpen={post.id === placeId}
              isPending={pending?.kind === 'judge' && pending.postId === post.id}
              onOpen={() => void actions.open(post.id)}
            />
          </li>
        ))}
      </ol>
      {beyond > 0 && (
        <button type="button" class="row queue-beyond" onClick={() => void actions.loadMore()}>
          Show more ({beyond.toLocaleString('en')} left)
        </button>
      )}
    </>
  );
}

/** Scrolls the list alone: where it does not scroll, the page keeps its place. */
function showOpenRow(list: HTMLOListElement): void {
  const row = list.querySelector('[aria-current]');
  if (row === null || list.scrollHeight <= list.clientHeight) return;
  const { top, bottom } = row.getBoundingClientRect();
  const frame = list.getBoundingClientRect();
  if (top < frame.top) list.scrollTop += top - frame.top;
  if (bottom > frame.bottom) list.scrollTop += bottom - frame.bottom;
}

interface QueueRowProps {
  readonly post: QueuedPost;
  readonly now: number;
  readonly isOpen: boolean;
  readonly isPending: boolean;
  readonly onOpen: () => void;
}

function QueueRow({ post, now, isOpen, isPending, onOpen }: QueueRowProps): JSX.Element {
  return (
    <button type="button" class="row" aria-current={isOpen ? 'true' : undefined} onClick={onOpen}>
      <span class="row-head">
        <bdi class="row-author">{post.author.name}</bdi>
        <b class="row-symbols">{symbolsOf(post)}</b>
        <time dateTime={post.createdAt}>{isPending ? 'saving' : ago(post.createdAt, now)}</time>
      </span>
      <bdi class="row-text">{post.text}</bdi>
    </button>
  );
}
