import { expect, test } from 'vitest';
import { GapKeeper } from '../src/gap-keeper.ts';
import type { Post } from '../src/index.ts';

const at = (time: number): Date => new Date(time);
const post = (id: string, time: number): Post =>
  ({ id, createdAt: at(time) }) satisfies Partial<Post> as Post;

test('a first connection is no gap', () => {
  expect(new GapKeeper().resumed(100, 110)).toBeUndefined();
});

test('a connection that brought nothing is missing from the time it was asked for', () => {
  const gaps = new GapKeeper();
  gaps.resumed(100, 110);
  gaps.lost('stalled');
  expect(gaps.resumed(200, 210)).toStrictEqual({
    kind: 'gap',
    from: at(100),
    to: at(210),
    reason: 'stalled',
  });
});

test('a connection that brought posts is missing from the last of them', () => {
  const gaps = new GapKeeper();
  gaps.resumed(100, 110);
  gaps.received(post('a', 120));
  gaps.received(post('b', 130));
  gaps.lost('dropped');
  gaps.lost('disconnect');
  expect(gaps.resumed(200, 210)).toMatchObject({
    from: at(130),
    to: at(210),
    reason: 'dropped',
    lastId: 'b',
  });
  expect(gaps.resumed(300, 310)).toBeUndefined();
});

test('a reader with a cursor is missing what came since', () => {
  const gaps = new GapKeeper(post('z', 50));
  expect(gaps.resumed(100, 110)).toMatchObject({
    from: at(50),
    to: at(110),
    reason: 'cursor',
    lastId: 'z',
  });
});

test('a gap never ends before it begins, whatever the clocks', () => {
  const gaps = new GapKeeper();
  gaps.received(post('a', 500));
  expect(gaps.gap('oversized', 400)).toMatchObject({ from: at(500), to: at(500) });
});

test('a limit is missing from the last post before the limit that came before', () => {
  const gaps = new GapKeeper();
  gaps.resumed(100, 110);
  gaps.received(post('a', 120));
  expect(gaps.limited(3, 130)).toMatchObject({ from: at(100), to: at(130), missed: 3 });
  gaps.received(post('b', 140));
  expect(gaps.limited(3, 150)).toBeUndefined();
  expect(gaps.limited(10, 160)).toMatchObject({ from: at(140), to: at(160), missed: 7 });
});
