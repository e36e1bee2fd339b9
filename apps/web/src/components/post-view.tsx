import type { QueuedPost } from '@holdfast/desk/api';
import type { JSX } from 'preact';
import { useLayoutEffect, useRef } from 'preact/hooks';
import { ago, symbolsOf, verdictNote } from '../wording.ts';
import type { ScreenProps } from './app.tsx';
import { CommandButton } from './command-button.tsx';
import { LineLength } from './line-length.tsx';
import { PostText } from './post-text.tsx';
import { Why } from './why.tsx';

export function PostView({
  post,
  state,
  actions,
}: ScreenProps & { readonly post: QueuedPost }): JSX.Element {
  const { pending, now, columns, whyOpen } = state;
  const isBusy = pending !== null;
  const article = useRef<HTMLElement>(null);
  // Each post begins at its beginning, however far the last one was scrolled.
  useLayoutEffect(() => {
    const top = article.current?.getBoundingClientRect().top ?? 0;
    if (top < 0 || top > innerHeight / 2) article.current?.scrollIntoView();
  }, [post.id]);

  return (
    <article class="post" aria-labelledby="post-author" ref={article}>
      <header class="post-head">
        <h2 id="post-author">
          <bdi>{post.author.name}</bdi>
        </h2>
        <p class="post-origin">
          <bdi>{post.author.handle}</bdi> · {post.source} ·{' '}
          <time dateTime={post.createdAt} title={new Date(post.createdAt).toLocaleString()}>
            {ago(post.createdAt, now)}
          </time>{' '}
          · <b>{symbolsOf(post)}</b>
        </p>
      </header>
      <PostText text={post.text} lang={post.lang} columns={columns} />
      <div class="verdicts">
        <CommandButton command="skip" label="Skip" actions={actions} disabled={isBusy} />
        <CommandButton command="keep" label="Keep" actions={actions} disabled={isBusy} primary />
        <p class="verdict-note">{verdictNote(state)}</p>
      </div>
      <div class="post-tools">
        <CommandButton command="undo" label="Undo" actions={actions} disabled={isBusy} quiet />
        <CommandButton command="previous" label="Previous" actions={actions} quiet />
        <CommandButton command="next" label="Next" actions={actions} quiet />
        <CommandButton command="why" label="Why" actions={actions} expanded={whyOpen} quiet />
        <LineLength columns={columns} onChange={actions.setColumns} />
      </div>
      {whyOpen && state.desk && <Why post={post} learner={state.desk.learner} />}
    </article>
  );
}
