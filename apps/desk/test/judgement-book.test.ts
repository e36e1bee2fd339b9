import { ObjectId } from 'mongodb';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { JudgementBook } from '../src/store/judgement-book.ts';
import { countUnread } from '../src/store/queue.ts';
import type { Store } from '../src/store/store.ts';
import { openStoreHouse, post, type StoreHouse } from './store-house.ts';

let house: StoreHouse;
let store: Store;
let book: JudgementBook;

beforeAll(async () => {
  house = await openStoreHouse();
});
afterAll(() => house.close());
beforeEach(async () => {
  store = await house.fresh();
  book = new JudgementBook(store);
  await store.posts.insertMany([post('1', ['AAPL']), post('2', ['KO']), post('3', [])]);
});

const keep = (id: string) => book.judge({ postId: `x:${id}`, verdict: 'keep' });
const skip = (id: string) => book.judge({ postId: `x:${id}`, verdict: 'skip' });
const flags = async () => {
  const posts = await store.posts.find().sort({ _id: 1 }).toArray();
  return posts.map(({ queued, verdict }) => (queued ? 'unread' : verdict));
};
const rows = () => store.judgements.countDocuments();

test('a judged post leaves the queue and comes back when the verdict is taken back', async () => {
  await keep('1');
  await skip('2');
  expect(await flags()).toEqual(['keep', 'skip', 'unread']);
  expect(await countUnread(store)).toBe(1);

  expect(await book.undo()).toMatchObject({
    postId: 'x:2',
    verdict: 'skip',
    post: { _id: 'x:2', queued: true },
  });
  expect(await book.undo()).toMatchObject({ postId: 'x:1', verdict: 'keep' });
  expect(await book.undo()).toBeNull();
  expect(await flags()).toEqual(['unread', 'unread', 'unread']);
  expect(await rows()).toBe(4);
});

test('no row is ever removed, and each verdict that was taken back names its undo', async () => {
  await keep('1');
  await book.undo();
  await skip('1');
  const all = await store.judgements.find().sort({ at: 1, _id: 1 }).toArray();
  const [first, undo, second] = all;
  expect(first).toMatchObject({ kind: 'verdict', verdict: 'keep', undoneBy: undo?._id });
  expect(undo).toMatchObject({ kind: 'undo', undoes: first?._id, postId: 'x:1' });
  expect(second).toMatchObject({ kind: 'verdict', verdict: 'skip', undoneBy: null });
});

test('the same verdict again adds no row; another one does, and undo brings the first back', async () => {
  await keep('1');
  await keep('1');
  expect(await rows()).toBe(1);
  await skip('1');
  expect(await flags()).toEqual(['skip', 'unread', 'unread']);
  expect(await book.undo()).toEqual({ postId: 'x:1', verdict: 'skip', post: null });
  expect(await flags()).toEqual(['keep', 'unread', 'unread']);
});

test('many calls at once take effect one after the other', async () => {
  await Promise.all([keep('1'), keep('1'), skip('2'), book.undo(), keep('3'), book.undo()]);
  expect(await flags()).toEqual(['keep', 'unread', 'unread']);
});

test('undoes each verdict once, also from two desks', async () => {
  const other = new JudgementBook(store);
  await keep('1');
  await keep('2');
  const undone = await Promise.all([book.undo(), other.undo()]);
  expect(undone.map((back) => back?.postId).sort()).toEqual(['x:1', 'x:2']);
});

test('refuses a post that is not there or was deleted', async () => {
  await store.posts.updateOne(
    { _id: 'x:3' },
    { $set: { queued: false, deletedAt: new Date() }, $unset: { text: '' } },
  );
  for (const id of ['9', '3']) {
    await expect(keep(id)).rejects.toMatchObject({ code: 'data' });
  }
  expect(await rows()).toBe(0);
});

test('a deleted post does not come back by undo', async () => {
  await keep('1');
  await store.posts.updateOne({ _id: 'x:1' }, { $set: { deletedAt: new Date() } });
  expect(await book.undo()).toEqual({ postId: 'x:1', verdict: 'keep', post: null });
  expect(await countUnread(store)).toBe(2);
});

test('after a crash the flags follow the book', async () => {
  await keep('1');
  await keep('2');
  await book.undo();
  // As if the desk had been killed between row and flag of each.
  await store.posts.updateOne({ _id: 'x:1' }, { $set: { queued: true, verdict: null } });
  await store.posts.updateOne({ _id: 'x:2' }, { $set: { queued: false, verdict: 'keep' } });
  expect(await book.reconcile()).toBe(2);
  expect(await flags()).toEqual(['keep', 'unread', 'unread']);
  expect(await book.reconcile()).toBe(0);
});

test('after a crash an undo gets its row', async () => {
  await keep('1');
  await store.judgements.updateOne({ kind: 'verdict' }, { $set: { undoneBy: new ObjectId() } });
  expect(await book.reconcile()).toBe(2);
  expect(await flags()).toEqual(['unread', 'unread', 'unread']);
  expect(await rows()).toBe(2);
  expect(await book.reconcile()).toBe(0);
});
