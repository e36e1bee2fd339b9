import { expect, test } from 'vitest';
import { inventPosts, inventUsers, type RawMessage, type RawPost } from '../src/simulator/index.ts';

function invent(count: number, ...how: Parameters<typeof inventPosts>): RawMessage[] {
  const source = inventPosts(...how);
  return Array.from({ length: count }, () => source.next().value);
}

const messages = invent(12_000, 7);
const posts = messages.filter((message): message is RawPost => !('delete' in message));
const originals = posts.filter((post) => post.retweeted_status === undefined);
const wholeTexts = originals.map((post) => post.extended_tweet?.full_text ?? post.text);

test('are the same for the same seed, and others for another', () => {
  expect(invent(500, 7)).toStrictEqual(messages.slice(0, 500));
  expect(invent(20, 8)).not.toStrictEqual(messages.slice(0, 20));
});

test('keep users and texts when the clock is another', () => {
  const [first] = invent(1, 7, { now: () => 1_700_000_000_000 });
  expect(first).toMatchObject({
    text: posts[0]?.text,
    user: posts[0]?.user,
    timestamp_ms: '1700000000000',
    created_at: 'Tue Nov 14 22:13:20 +0000 2023',
  });
});

test('vary: thousands of different texts', () => {
  expect(new Set(wholeTexts).size).toBeGreaterThan(8000);
  for (const text of wholeTexts) expect(text).not.toMatch(/[{}]|undefined/);
});

test('come from sixty users whose handles can be nobody’s', () => {
  const users = inventUsers(7);
  expect(new Set(users.map(({ handle }) => handle)).size).toBe(60);
  expect(new Set(users.map(({ id }) => id)).size).toBe(60);
  for (const { handle } of users) expect(handle.length).toBeGreaterThan(15);
  expect(new Set(posts.map((post) => post.user.screen_name)).size).toBe(60);
});

test('have ids beyond 2⁵³ that grow, and times in both forms', () => {
  const ids = posts.map((post) => BigInt(post.id_str));
  expect(ids[0]).toBeGreaterThan(2n ** 53n);
  expect(ids.every((id, i) => i === 0 || id > (ids[i - 1] ?? id))).toBe(true);
  for (const post of posts.slice(0, 100)) {
    expect(Date.parse(post.created_at)).toBe(Math.floor(Number(post.timestamp_ms) / 1000) * 1000);
  }
});

test.each([
  ['MSFT', /windows|azure|xbox|\$MSFT/i],
  ['AAPL', /iphone|ipad|ipod|\$AAPL/i],
  ['KO', /coke|coca cola|\$KO/i],
])('speak about %s', (_symbol, words) => {
  const part = wholeTexts.filter((text) => words.test(text)).length / wholeTexts.length;
  expect(part).toBeGreaterThan(0.15);
});

test.each([
  ['spam that names five cashtags or more', /(\$[A-Z]+ ){4}\$[A-Z]+/],
  ['emoji', /\p{Extended_Pictographic}/u],
  ['Japanese', /[\p{Script=Hiragana}\p{Script=Katakana}]/u],
  ['Arabic', /\p{Script=Arabic}/u],
  ['Greek', /\p{Script=Greek}/u],
  ['Cyrillic', /\p{Script=Cyrillic}/u],
  ['Devanagari', /\p{Script=Devanagari}/u],
  ['nothing about any holding', /^(?!.*(windows|azure|xbox|iP|coke|coca|\$))/is],
])('hold %s', (_what, pattern) => {
  expect(wholeTexts.filter((text) => pattern.test(text)).length).toBeGreaterThan(50);
});

test('show temperament: spammers spam, others do not', () => {
  const spammers = new Set(
    inventUsers(7)
      .filter(({ temperament }) => temperament === 'cashtag-spammer')
      .map(({ handle }) => handle),
  );
  for (const post of originals) {
    expect(post.entities.symbols.length >= 4).toBe(spammers.has(post.user.screen_name));
  }
});

test('cut long texts short and keep them whole beside', () => {
  const truncated = originals.filter((post) => post.truncated);
  expect(truncated.length).toBeGreaterThan(200);
  for (const { text, extended_tweet: extended } of truncated) {
    expect(Array.from(text)).toHaveLength(140);
    expect(extended?.full_text.startsWith(text.slice(0, -1))).toBe(true);
  }
});

test('name the places of entities in characters', () => {
  for (const post of originals) {
    const characters = Array.from(post.text);
    for (const { text, indices } of post.entities.symbols) {
      expect(characters.slice(...indices).join('')).toBe(`$${text}`);
    }
  }
});

test('repeat and delete only what was posted before', () => {
  const seen = new Set<string>();
  const gone = new Set<string>();
  let repeats = 0;
  for (const message of messages) {
    if ('delete' in message) {
      const { id_str } = message.delete.status;
      expect(seen.has(id_str) && !gone.has(id_str)).toBe(true);
      gone.add(id_str);
      continue;
    }
    seen.add(message.id_str);
    const repeated = message.retweeted_status;
    if (repeated === undefined) continue;
    repeats += 1;
    expect(seen.has(repeated.id_str)).toBe(true);
    expect(message.text.startsWith(`RT @${repeated.user.screen_name}: `)).toBe(true);
    expect(message.user.screen_name).not.toBe(repeated.user.screen_name);
  }
  expect(repeats).toBeGreaterThan(500);
  expect(gone.size).toBeGreaterThan(100);
});
