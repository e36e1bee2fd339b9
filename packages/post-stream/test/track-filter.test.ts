import { expect, test } from 'vitest';
import type { RawPost } from '../src/simulator/index.ts';
import { trackFilter } from '../src/simulator/track-filter.ts';

const post = (text: string, more: Partial<RawPost> = {}): RawPost => ({ text, ...more }) as RawPost;

test.each([
  ['ipad', 'my iPad.', true],
  ['iPad', 'MY IPAD', true],
  ['ipad', 'ipads', false],
  ['aapl', 'sold $AAPL', true],
  ['$aapl', 'sold $AAPL', true],
  ['$aapl', 'sold AAPL #aapl', false],
  ['#ipad', 'an ipad', false],
  ['ipad', '#iPad!', true],
  ['ipad', 'ask @ipad', true],
  ['coca cola', 'Cola? Coca!', true],
  ['coca cola', 'coca', false],
  ['xbox,coca cola', 'XBOX', true],
  ['xbox,ipad', 'iphone', false],
  ['пляж', 'на ПЛЯЖ', true],
  ['coke', '海を見ながら Coke を飲む。', true],
  ['example.org/ipad', 'see https://example.org/ipad', true],
  [' , ', 'anything', false],
  ['', 'anything', false],
])('track=%s on "%s": %s', (track, text, matches) => {
  expect(trackFilter(track)(post(text))).toBe(matches);
});

test('looks at the whole of a text, and at what is repeated', () => {
  const long = { full_text: 'long, with an ipad' } as RawPost['extended_tweet'];
  const whole = post('long…', long === undefined ? {} : { extended_tweet: long });
  expect(trackFilter('ipad')(whole)).toBe(true);
  expect(trackFilter('ipad')(post('RT', { retweeted_status: whole }))).toBe(true);
});
