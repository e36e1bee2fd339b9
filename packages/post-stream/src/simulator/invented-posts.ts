import { type InventedUser, inventUsers } from './invented-users.ts';
import { type Holding, holdings, otherCashtags, slots, templates } from './phrases.ts';
import {
  type RawDelete,
  type RawMessage,
  type RawPost,
  type RawUser,
  snowflake,
  textFields,
  twitterDate,
} from './raw-post.ts';
import { SeededRandom } from './seeded-random.ts';
import { tongues } from './tongues.ts';

/** When the first message is made, unless the caller brings a clock. */
const beginning = Date.UTC(2026, 10, 23, 12);
/** Between messages, unless the caller brings a clock; ms. */
const interval = 20_000;
/** Posts that can still be repeated or deleted. */
const remembered = 200;

/** What becomes of a turn; what is left is a post of its own. */
const parts = { delete: 0.02, retweet: 0.1, spam: 0.18, offTopic: 0.05 };

/**
 * Messages without end as the v1.1 stream would send them, about MSFT, AAPL and KO, all made up.
 *
 * Sixty users of stable temperament (see `inventUsers` of the same seed) post, repeat
 * each other (`retweeted_status`), spam cashtags, and now and then delete a post. Texts
 * mix emoji and six scripts; those over 140 characters are truncated, with the whole
 * in `extended_tweet`. Some 5 % are about no holding. Users and texts follow from the
 * seed alone; times and ids follow from `now` (ms since 1970), which begins at 12:00
 * UTC on 23 November 2026 and steps by 20 s unless it is given.
 *
 * @example
 * for (const message of inventPosts(1)) {
 *   if ('delete' in message) break; // until somebody regrets a post
 *   console.log(message.text);
 * }
 */
export function* inventPosts(
  seed: number,
  { now = steppingClock() }: { now?: () => number } = {},
): Generator<RawMessage, never, undefined> {
  const random = new SeededRandom(seed ^ 0x5eed);
  const users = inventUsers(seed);
  const spammers = users.filter((user) => user.temperament === 'cashtag-spammer');
  const others = users.filter((user) => user.temperament !== 'cashtag-spammer');
  const recent: RawPost[] = [];
  for (let sequence = 0; ; sequence++) {
    const at = now();
    const turn = random.next();
    const old = recent.length === 0 ? undefined : random.pick(recent);
    if (turn < parts.delete && old !== undefined) {
      recent.splice(recent.indexOf(old), 1);
      yield deletion(old, at);
      continue;
    }
    const spams = random.chance(parts.spam);
    const author = random.pick(spams ? spammers : others);
    const repeats = turn < parts.delete + parts.retweet && old?.user.screen_name !== author.handle;
    const post =
      repeats && old !== undefined
        ? retweet(old, author, at, sequence, random)
        : original(author, at, sequence, random);
    if (post.retweeted_status === undefined) recent.push(post);
    if (recent.length > remembered) recent.shift();
    yield post;
  }
}

function steppingClock(): () => number {
  let at = beginning - interval;
  return () => {
    at += interval;
    return at;
  };
}

function original(
  author: InventedUser,
  at: number,
  sequence: number,
  random: SeededRandom,
): RawPost {
  const { text, lang } = sayingOf(author, random);
  return { ...frame(author, at, sequence, random), ...textFields(text), lang };
}

function retweet(
  old: RawPost,
  author: InventedUser,
  at: number,
  sequence: number,
  random: SeededRandom,
): RawPost {
  // A repeat's own text is cut short too, but the whole is in the repeated post alone.
  const { text, entities } = textFields(`RT @${old.user.screen_name}: ${old.text}`);
  return {
    ...frame(author, at, sequence, random),
    text,
    truncated: false,
    entities,
    lang: old.lang,
    retweeted_status: old,
  };
}

function deletion(post: RawPost, at: number): RawDelete {
  const { id, id_str, user } = post;
  const status = { id, id_str, user_id: user.id, user_id_str: user.id_str };
  return { delete: { status, timestamp_ms: String(Math.floor(at)) } };
}

function frame(
  author: InventedUser,
  at: number,
  sequence: number,
  random: SeededRandom,
): Omit<RawPost, 'text' | 'truncated' | 'entities' | 'lang'> {
  const id = snowflake(at, sequence);
  return {
    created_at: twitterDate(at),
    id: Number(id),
    id_str: id,
    source: `<a href="https://example.org/app" rel="nofollow">${random.pick(['Web', 'Phone', 'Tablet'])} App</a>`,
    in_reply_to_status_id: null,
    in_reply_to_status_id_str: null,
    in_reply_to_user_id: null,
    in_reply_to_user_id_str: null,
    in_reply_to_screen_name: null,
    user: rawUser(author),
    geo: null,
    coordinates: null,
    place: null,
    contributors: null,
    is_quote_status: false,
    quote_count: 0,
    reply_count: 0,
    retweet_count: 0,
    favorite_count: 0,
    favorited: false,
    retweeted: false,
    filter_level: 'low',
    timestamp_ms: String(Math.floor(at)),
  };
}

function rawUser(user: InventedUser): RawUser {
  return {
    id: Number(user.id),
    id_str: user.id,
    name: user.name,
    screen_name: user.handle,
    location: user.location === '' ? null : user.location,
    url: null,
    description: 'An invented user: nobody real is meant.',
    translator_type: 'none',
    protected: false,
    verified: false,
    followers_count: user.followers,
    friends_count: Math.floor(user.followers / 3),
    listed_count: Math.floor(user.followers / 50),
    favourites_count: user.followers * 2,
    statuses_count: 100 + user.followers,
    created_at: twitterDate(user.joinedAt),
    lang: null,
    default_profile: true,
    default_profile_image: true,
    profile_image_url_https: 'https://example.org/face.png',
  };
}

function sayingOf(author: InventedUser, random: SeededRandom): { text: string; lang: string } {
  const spam = author.temperament === 'cashtag-spammer';
  if (!spam && random.chance(parts.offTopic)) {
    return { text: fill('{smalltalk}', slots, random), lang: 'en' };
  }
  if (author.temperament === 'traveller') {
    const tongue = tongues[author.tongue] ?? tongues[0];
    if (tongue !== undefined) {
      const template = random.pick(Object.values(tongue.templates).flat());
      return { text: fill(template, tongue.slots, random), lang: tongue.lang };
    }
  }
  const repertoire = Object.entries(templates[author.temperament]);
  const [holding, sayings] = random.pick(repertoire) as [Holding, readonly string[]];
  const words = { ...slots, thing: holdings[holding].filter((word) => !word.startsWith('$')) };
  const sentences = [random.pick(sayings), ...(spam ? [] : additions(holding, random))];
  const text = fill(sentences.join(' '), words, random).replaceAll('{cashtags}', () =>
    cashtags(holding, random),
  );
  return { text: spam ? text : capitalised(text), lang: 'en' };
}

/** None to three remarks, and now and then a sign of the times. */
function additions(holding: Holding, random: SeededRandom): string[] {
  let remarks = 0;
  while (remarks < 3 && random.chance(0.4)) remarks += 1;
  const marks = random.chance(0.2) ? [random.pick(['{emoji}', '{tag}', `$${holding}`])] : [];
  return [...random.sample(slots.aside ?? [], remarks), ...marks];
}

/** Sentences begin with a capital, but an iPhone stays an iPhone. */
function capitalised(text: string): string {
  return text.replace(/(?<=^|[.!?] )(?!iP)\p{Ll}/gu, (letter) => letter.toUpperCase());
}

/** The holding's own cashtag among four to eight that nobody owns. */
function cashtags(holding: Holding, random: SeededRandom): string {
  const named = [`$${holding}`, ...random.sample(otherCashtags, random.integer(4, 8))];
  return random.sample(named, named.length).join(' ');
}

/** The template with every slot filled, also those that a filling brings along. */
function fill(
  template: string,
  words: Readonly<Record<string, readonly string[]>>,
  random: SeededRandom,
): string {
  return template.replace(/\{(\w+)\}/g, (slot, name: string) => {
    if (name === 'n') return String(random.integer(2, 48));
    if (name === 'pct') return (random.integer(3, 190) / 10).toFixed(1);
    if (name === 'price') return (random.integer(4000, 42_000) / 100).toFixed(2);
    if (name === 'link') return `https://example.org/${random.integer(1000, 99_999).toString(36)}`;
    const choices = words[name];
    return choices === undefined ? slot : fill(random.pick(choices), words, random);
  });
}
