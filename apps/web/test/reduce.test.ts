import type { QueuedPost } from '@holdfast/desk/api';
import { expect, test } from 'vitest';
import { initialState, type PageEvent, type PageState, waitingPosts } from '../src/page-state.ts';
import { reduce } from '../src/reduce.ts';
import { caughtUp, verdictNote } from '../src/wording.ts';
import { arrival, deskState, fixtureNow, posts } from './desk-fixture.ts';

const [a, b, c] = posts.slice(0, 3) as [QueuedPost, QueuedPost, QueuedPost];
const [x, y] = [arrival(1), arrival(2)];

const after = (state: PageState, ...events: PageEvent[]): PageState => events.reduce(reduce, state);

const loaded = (queue: readonly QueuedPost[], unread = queue.length): PageState =>
  after(
    initialState('read', fixtureNow, true),
    { type: 'desk-loaded', desk: { ...deskState(queue, 25), unread } },
    { type: 'queue-loaded', reply: { posts: queue, unread }, keep: 'all' },
  );

const kept = ({ id }: QueuedPost, unread: number): PageEvent => ({
  type: 'judged',
  reply: { postId: id, verdict: 'keep', unread },
});

const asked = ({ id }: QueuedPost): PageEvent => ({
  type: 'asked',
  pending: { kind: 'judge', postId: id, verdict: 'keep' },
});

const undone = (post: QueuedPost, unread: number): PageEvent => ({
  type: 'undone',
  reply: { postId: post.id, verdict: 'keep', post, unread },
});

const ids = (state: PageState): (string | undefined)[] => (state.queue ?? []).map(({ id }) => id);

test('opens the first post of the queue', () => {
  expect(loaded([a, b, c]).placeId).toBe(a.id);
  expect(loaded([]).placeId).toBeNull();
});

test('says saved, and goes on, only when the desk has confirmed', () => {
  const asking = after(loaded([a, b, c]), asked(a));
  expect(asking.placeId).toBe(a.id);
  expect(verdictNote(asking)).toBe('Saving …');
  const confirmed = after(asking, kept(a, 2));
  expect(confirmed.placeId).toBe(b.id);
  expect(ids(confirmed)).toEqual([b.id, c.id]);
  expect(confirmed.desk?.unread).toBe(2);
  expect(verdictNote(confirmed)).toBe('Saved: kept. 1 read, 1 kept.');
  expect(confirmed.said).toBe('Kept. Desk Notes on AAPL, AMD.');
});

test('a refused verdict keeps the post and says why', () => {
  const failure = { message: 'The database has no primary.', mend: 'Try again in a moment.' };
  const refused = after(loaded([a, b]), asked(a), { type: 'refused', failure });
  expect(refused.placeId).toBe(a.id);
  expect(ids(refused)).toEqual([a.id, b.id]);
  expect(refused.failure?.message).toBe('Not saved: The database has no primary.');
  expect(refused.failure?.mend).toBe('Try again in a moment.');
  expect(refused.pending).toBeNull();
  expect(verdictNote(refused)).toBe('');
  expect(after(refused, asked(a)).failure).toBeNull();
});

test('a failure elsewhere does not take back what is still being saved', () => {
  const failure = { message: 'The desk does not answer.', mend: undefined };
  const failed = after(loaded([a, b]), asked(a), { type: 'failed', failure });
  expect(failed.pending).not.toBeNull();
});

test('a verdict confirmed after the reader moved on leaves the place alone', () => {
  const moved = after(
    loaded([a, b, c]),
    asked(a),
    { type: 'moved', by: 1 },
    { type: 'moved', by: 1 },
  );
  expect(after(moved, kept(a, 2)).placeId).toBe(c.id);
});

test.each([
  { what: 'the post after', place: b, next: c },
  { what: 'the one before when it was the last', place: c, next: b },
])('goes on to $what', ({ place, next }) => {
  const state = after(loaded([a, b, c]), { type: 'opened', postId: place.id }, kept(place, 2));
  expect(state.placeId).toBe(next.id);
});

test('undo puts each post back where it stood, one after the other', () => {
  const judged = after(
    loaded([a, b, c]),
    { type: 'opened', postId: b.id },
    kept(b, 2),
    { type: 'opened', postId: a.id },
    kept(a, 1),
  );
  expect(ids(judged)).toEqual([c.id]);
  const once = after(judged, undone(a, 2));
  expect([once.placeId, ids(once)]).toEqual([a.id, [a.id, c.id]]);
  const twice = after(once, undone(b, 3));
  expect([twice.placeId, ids(twice)]).toEqual([b.id, [a.id, b.id, c.id]]);
  expect(twice.judged).toEqual([]);
});

test('undo of an earlier visit opens its post at the reading place', () => {
  const state = after(loaded([a, b]), { type: 'moved', by: 1 }, undone(x, 3));
  expect([state.placeId, ids(state)]).toEqual([x.id, [a.id, x.id, b.id]]);
});

test('undo says when nothing is left', () => {
  const reply = { postId: null, verdict: null, post: null, unread: 1 };
  const state = after(loaded([a]), { type: 'undone', reply });
  expect(state.said).toBe('Nothing is left to undo.');
  expect(verdictNote(state)).toBe('Nothing is left to undo.');
  expect(ids(state)).toEqual([a.id]);
});

test('undo of a verdict whose post does not come back says why', () => {
  const reply = { postId: b.id, verdict: 'keep', post: null, unread: 1 } as const;
  const state = after(loaded([a]), { type: 'undone', reply });
  expect(verdictNote(state)).toBe(
    'Undone. The post stays away: it was deleted, or an earlier verdict on it stands.',
  );
  expect(ids(state)).toEqual([a.id]);
});

test('new posts are counted, announced once, and shown only when asked for', () => {
  const one = after(loaded([a, b]), { type: 'unread-changed', unread: 3 });
  expect(waitingPosts(one)).toBe(1);
  expect(one.said).toBe('1 new post');
  const two = after({ ...one, said: '' }, { type: 'unread-changed', unread: 4 });
  expect(waitingPosts(two)).toBe(2);
  expect(two.said).toBe('');
  expect(ids(two)).toEqual([a.id, b.id]);
});

test('the count of new posts stands while a verdict is confirmed', () => {
  const waiting = after(loaded([a, b]), { type: 'unread-changed', unread: 5 });
  const judged = after(waiting, asked(a), { type: 'unread-changed', unread: 4 }, kept(a, 4));
  expect(waitingPosts(judged)).toBe(3);
});

test('loaded posts never come above the reading place', () => {
  const reading = after(loaded([a, b, c]), { type: 'moved', by: 1 });
  const reply = { posts: [x, y, a, b, c], unread: 5 };
  const state = after(reading, { type: 'queue-loaded', reply, keep: 'read' });
  expect(ids(state)).toEqual([a.id, b.id, x.id, y.id, c.id]);
  expect(state.placeId).toBe(b.id);
  expect(waitingPosts(state)).toBe(0);
});

test('a refill comes below all that is loaded', () => {
  const reply = { posts: [x, a, b, c], unread: 4 };
  const state = after(loaded([a, b], 3), { type: 'queue-loaded', reply, keep: 'all' });
  expect(ids(state)).toEqual([a.id, b.id, x.id, c.id]);
});

test('posts judged elsewhere go with the next load, but not from under the reader', () => {
  const reading = after(loaded([a, b, c]), { type: 'moved', by: 1 });
  const reply = { posts: [c], unread: 1 };
  expect(ids(after(reading, { type: 'queue-loaded', reply, keep: 'read' }))).toEqual([b.id, c.id]);
});

test('posts that the desk still holds are not taken for new ones', () => {
  const state = loaded([a, b], 40);
  expect(state.beyond).toBe(38);
  expect(waitingPosts(state)).toBe(0);
  expect(waitingPosts(after(state, { type: 'unread-changed', unread: 41 }))).toBe(1);
});

test('catches up with a tally', () => {
  const state = after(loaded([a, b]), kept(a, 1), {
    type: 'judged',
    reply: { postId: b.id, verdict: 'skip', unread: 0 },
  });
  expect(state.placeId).toBeNull();
  expect(caughtUp(state)).toBe('Caught up. 2 read, 1 kept.');
  expect(caughtUp(loaded([]))).toBe('Caught up.');
});

test('a move past either end changes nothing', () => {
  const state = loaded([a]);
  expect(after(state, { type: 'moved', by: 1 }, { type: 'moved', by: -1 })).toBe(state);
});
