import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { type Actions, deskActions } from '../src/actions.ts';
import { deskApi } from '../src/api.ts';
import { initialState, waitingPosts } from '../src/page-state.ts';
import { createStore, type Store } from '../src/store.ts';
import { arrival, fixtureNow, posts } from './desk-fixture.ts';
import { FixtureDesk } from './desk-server.ts';

let desk: FixtureDesk;
let store: Store;
let actions: Actions;

async function openPage(canned: FixtureDesk): Promise<void> {
  desk = canned;
  store = createStore(initialState('read', fixtureNow, true), () => {});
  actions = deskActions(deskApi(await desk.listen()), store);
}

beforeEach(() => openPage(new FixtureDesk()));

afterEach(async () => {
  vi.useRealTimers();
  await desk.app.close();
});

test('loads the desk and the queue', async () => {
  await actions.refresh();
  const { desk: state, queue, columns, placeId } = store.state();
  expect(state?.banner).toBe('Demo: made-up posts, real prices to December 2022');
  expect([queue?.length, columns, placeId]).toEqual([10, 25, 'replay:mira']);
});

test('keeps, skips and takes both back', async () => {
  await actions.refresh();
  await actions.run('keep');
  await actions.run('skip');
  expect(desk.unread).toHaveLength(8);
  expect(store.state().placeId).toBe('replay:kabu');
  await actions.run('undo');
  await actions.run('undo');
  expect(desk.unread).toHaveLength(10);
  expect(store.state().placeId).toBe('replay:mira');
  await actions.run('undo');
  expect(store.state().said).toBe('Nothing is left to undo.');
});

test('a verdict that the desk refuses keeps the post, and can be given again', async () => {
  await actions.refresh();
  desk.refuseNext = 503;
  await actions.run('keep');
  const refused = store.state();
  expect([refused.placeId, refused.failure?.message, refused.failure?.mend]).toEqual([
    'replay:mira',
    'Not saved: The database has no primary.',
    'Try again in a moment.',
  ]);
  await actions.run('keep');
  expect(store.state().judged).toHaveLength(1);
  expect(store.state().failure).toBeNull();
});

test('a second key while the first verdict is being saved judges nothing unseen', async () => {
  await actions.refresh();
  await Promise.all([actions.run('keep'), actions.run('skip'), actions.run('undo')]);
  expect(store.state().judged).toEqual([{ postId: 'replay:mira', verdict: 'keep', index: 0 }]);
  expect(desk.unread).toHaveLength(9);
});

test('says so when the desk does not answer', async () => {
  await actions.refresh();
  await desk.app.close();
  await actions.run('keep');
  expect(store.state().failure?.message).toBe('Not saved: The desk does not answer.');
  expect(store.state().placeId).toBe('replay:mira');
});

test('loads what is beyond the first batch before the reader runs out', async () => {
  await desk.app.close();
  await openPage(new FixtureDesk(Array.from({ length: 60 }, (_, index) => arrival(index))));
  await actions.refresh();
  expect([store.state().queue?.length, store.state().beyond]).toEqual([50, 10]);
  for (let count = 0; count < 45; count++) await actions.run('skip');
  expect([store.state().queue?.length, store.state().beyond]).toEqual([15, 0]);
  expect(store.state().placeId).toBe('replay:late-45');
});

test('loads more for a reader who goes through the queue without a verdict', async () => {
  await desk.app.close();
  await openPage(new FixtureDesk(Array.from({ length: 120 }, (_, index) => arrival(index))));
  await actions.refresh();
  for (let count = 0; count < 119; count++) await actions.run('next');
  expect([store.state().queue?.length, store.state().beyond]).toEqual([120, 0]);
  expect(store.state().placeId).toBe('replay:late-119');
});

test('loads more when asked, and when one of the last posts is opened', async () => {
  await desk.app.close();
  await openPage(new FixtureDesk(Array.from({ length: 120 }, (_, index) => arrival(index))));
  await actions.refresh();
  await actions.loadMore();
  expect(store.state().queue).toHaveLength(100);
  await actions.open('replay:late-99');
  expect(store.state().queue).toHaveLength(120);
  expect(store.state().placeId).toBe('replay:late-99');
});

test('new posts wait for the reader, unless nothing was there to read', async () => {
  await actions.refresh();
  desk.arrive(12);
  await actions.unreadChanged(22);
  expect(waitingPosts(store.state())).toBe(12);
  expect(store.state().queue).toHaveLength(10);
  await actions.run('load');
  expect(store.state().queue).toHaveLength(22);
  expect(store.state().placeId).toBe(posts[0]?.id);

  await desk.app.close();
  await openPage(new FixtureDesk([]));
  await actions.refresh();
  desk.arrive(2);
  await actions.unreadChanged(2);
  expect(store.state().queue).toHaveLength(2);
});

test('saves the line length once, when the slider rests', async () => {
  await actions.refresh();
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  actions.setColumns(30);
  vi.advanceTimersByTime(399);
  actions.setColumns(31);
  vi.advanceTimersByTime(399);
  actions.settingsChanged(25); // What another window, or an older reply, still says.
  expect([store.state().columns, desk.savedColumns]).toEqual([31, []]);
  vi.advanceTimersByTime(1);
  vi.useRealTimers();
  await vi.waitUntil(() => desk.savedColumns.length > 0);
  expect(desk.savedColumns).toEqual([31]);
});

test('tells what stands in the way of the portfolio', async () => {
  await actions.loadPortfolio();
  expect(store.state().portfolio?.returns).toBe(503);
  await desk.app.close();
  await actions.loadPortfolio();
  expect(store.state().portfolioFailure?.message).toBe('The desk does not answer.');
});
