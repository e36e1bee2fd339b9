import { expect, test } from 'vitest';
import { decodeTwitterLine } from '../src/twitter-message.ts';

const post = {
  created_at: 'Mon Nov 23 12:00:00 +0000 2026',
  id: 1_995_000_000_000_000_000,
  id_str: '1995000000000000123',
  text: 'short…',
  truncated: true,
  extended_tweet: { full_text: 'the whole text' },
  lang: 'en',
  user: { id_str: '77', name: 'Mirelo', screen_name: 'mirelo_the_fab_watcher' },
  timestamp_ms: '1795435200657',
};

test('decodes a post, its whole text and its exact id', () => {
  const line = JSON.stringify(post);
  expect(decodeTwitterLine(line, true)).toStrictEqual({
    kind: 'post',
    post: {
      id: '1995000000000000123',
      author: { id: '77', name: 'Mirelo', handle: 'mirelo_the_fab_watcher' },
      text: 'the whole text',
      lang: 'en',
      createdAt: new Date(1_795_435_200_657),
      url: 'https://twitter.com/mirelo_the_fab_watcher/status/1995000000000000123',
      raw: post,
    },
  });
});

test('takes the time from created_at where there are no milliseconds, and links only what can be read', () => {
  const { timestamp_ms: _, ...older } = post;
  const message = decodeTwitterLine(JSON.stringify({ ...older, truncated: false }), false);
  expect(message).toMatchObject({
    post: { createdAt: new Date('2026-11-23T12:00:00Z'), text: 'short…' },
  });
  expect(message).not.toHaveProperty('post.url');
});

test.each([
  [
    { delete: { status: { id: 1, id_str: '1', user_id: 3, user_id_str: '3' } } },
    { kind: 'delete', id: '1', userId: '3' },
  ],
  [
    { scrub_geo: { user_id_str: '3', up_to_status_id_str: '9' } },
    { kind: 'scrub-geo', userId: '3', upToId: '9' },
  ],
  [
    { status_withheld: { id: 9, user_id: 3, withheld_in_countries: ['DE', 'AR'] } },
    { kind: 'withheld', id: '9', userId: '3', countries: ['DE', 'AR'] },
  ],
  [
    { user_withheld: { id: 3, withheld_in_countries: ['XX'] } },
    { kind: 'withheld', userId: '3', countries: ['XX'] },
  ],
  [{ limit: { track: 12 } }, { kind: 'limit', undelivered: 12 }],
  [
    { disconnect: { code: 4, stream_name: 's', reason: 'slow' } },
    { kind: 'disconnect', code: 4, reason: 'slow' },
  ],
  [
    { warning: { code: 'FALLING_BEHIND', message: 'hurry', percent_full: 60 } },
    { kind: 'warning', code: 'FALLING_BEHIND', text: 'hurry' },
  ],
])('decodes %j', (raw, message) => {
  expect(decodeTwitterLine(JSON.stringify(raw), true)).toStrictEqual(message);
});

test.each([
  '{"friends":[1,2]}',
  '{"delete":{}}',
  '{"id_str":"1","user":{}}',
  '{"id_str":"1","created_at":"never","user":{"screen_name":"a"}}',
  '[]',
  '1',
  'null',
  '"text"',
])('keeps what it does not know: %s', (line) => {
  expect(decodeTwitterLine(line, true)).toStrictEqual({
    kind: 'unknown',
    text: line,
    raw: JSON.parse(line),
  });
});

test('keeps a line that is no JSON', () => {
  expect(decodeTwitterLine('{"id_str":"1', true)).toStrictEqual({
    kind: 'unknown',
    text: '{"id_str":"1',
  });
});

test('knows the plain line about too many connections', () => {
  const text = 'Exceeded connection limit for user';
  expect(decodeTwitterLine(text, true)).toStrictEqual({
    kind: 'warning',
    code: 'CONNECTION_LIMIT',
    text,
  });
});
