/** A post as the v1.1 stream sends it. */
export interface RawPost {
  readonly created_at: string;
  /** Rounded, as every 64-bit id is that passes through a JavaScript number: use `id_str`. */
  readonly id: number;
  readonly id_str: string;
  /** At most 140 characters; the whole is in `extended_tweet` when `truncated`. */
  readonly text: string;
  readonly source: string;
  readonly truncated: boolean;
  readonly in_reply_to_status_id: null;
  readonly in_reply_to_status_id_str: null;
  readonly in_reply_to_user_id: null;
  readonly in_reply_to_user_id_str: null;
  readonly in_reply_to_screen_name: null;
  readonly user: RawUser;
  readonly geo: null;
  readonly coordinates: null;
  readonly place: null;
  readonly contributors: null;
  readonly retweeted_status?: RawPost;
  readonly is_quote_status: boolean;
  readonly extended_tweet?: ExtendedTweet;
  readonly quote_count: number;
  readonly reply_count: number;
  readonly retweet_count: number;
  readonly favorite_count: number;
  readonly entities: RawEntities;
  readonly favorited: boolean;
  readonly retweeted: boolean;
  readonly possibly_sensitive?: boolean;
  readonly filter_level: string;
  readonly lang: string;
  readonly timestamp_ms: string;
}

/** The author of a post as the v1.1 stream sends it. */
export interface RawUser {
  readonly id: number;
  readonly id_str: string;
  readonly name: string;
  readonly screen_name: string;
  readonly location: string | null;
  readonly url: null;
  readonly description: string;
  readonly translator_type: string;
  readonly protected: boolean;
  readonly verified: boolean;
  readonly followers_count: number;
  readonly friends_count: number;
  readonly listed_count: number;
  readonly favourites_count: number;
  readonly statuses_count: number;
  readonly created_at: string;
  readonly lang: null;
  readonly default_profile: boolean;
  readonly default_profile_image: boolean;
  readonly profile_image_url_https: string;
}

/** What a text names, with the places of it counted in characters (code points). */
interface RawEntities {
  readonly hashtags: readonly { readonly text: string; readonly indices: Span }[];
  readonly urls: readonly {
    readonly url: string;
    readonly expanded_url: string;
    readonly display_url: string;
    readonly indices: Span;
  }[];
  readonly user_mentions: readonly { readonly screen_name: string; readonly indices: Span }[];
  readonly symbols: readonly { readonly text: string; readonly indices: Span }[];
}

/** From the first character to behind the last. */
type Span = readonly [number, number];

interface ExtendedTweet {
  readonly full_text: string;
  readonly display_text_range: Span;
  readonly entities: RawEntities;
}

/** The news that a post is gone. */
export interface RawDelete {
  readonly delete: {
    readonly status: {
      readonly id: number;
      readonly id_str: string;
      readonly user_id: number;
      readonly user_id_str: string;
    };
    readonly timestamp_ms: string;
  };
}

export type RawMessage = RawPost | RawDelete;

const shortest = 140;
const twitterEpoch = 1_288_834_974_657n;
/** Bits of an id below its time. */
const idBits = 22n;

/** An id that tells its time, as the service's do: above 2⁵³, growing with `at` (ms since 1970). */
export function snowflake(at: number, sequence: number): string {
  const time = BigInt(Math.floor(at)) - twitterEpoch;
  return String((time << idBits) | (BigInt(sequence) & ((1n << idBits) - 1n)));
}

/** `Mon Nov 23 12:00:00 +0000 2026`. */
export function twitterDate(at: number): string {
  const [day, date, month, year, time] = new Date(at).toUTCString().split(/,? /);
  return `${day} ${month} ${date} ${time} +0000 ${year}`;
}

/** The parts of a post that follow from its text: short form, long form, entities. */
export function textFields(
  whole: string,
): Pick<RawPost, 'text' | 'truncated' | 'entities' | 'extended_tweet'> {
  const characters = Array.from(whole);
  if (characters.length <= shortest) {
    return { text: whole, truncated: false, entities: entitiesOf(whole) };
  }
  const text = `${characters.slice(0, shortest - 1).join('')}…`;
  return {
    text,
    truncated: true,
    extended_tweet: {
      full_text: whole,
      display_text_range: [0, characters.length],
      entities: entitiesOf(whole),
    },
    entities: entitiesOf(text),
  };
}

function entitiesOf(text: string): RawEntities {
  const named = (pattern: RegExp): { found: string; indices: Span }[] =>
    [...text.matchAll(pattern)].map(({ 0: whole, 1: found = '', index }) => {
      const start = lengthOf(text.slice(0, index));
      return { found, indices: [start, start + lengthOf(whole)] };
    });
  return {
    hashtags: named(/#([\p{L}\p{N}_]+)/gu).map(({ found, indices }) => ({ text: found, indices })),
    urls: named(/(https?:\/\/[^\s…]+)/g).map(({ found, indices }) => ({
      url: found,
      expanded_url: found,
      display_url: found.replace(/^https?:\/\//, ''),
      indices,
    })),
    user_mentions: named(/@(\w+)/g).map(({ found, indices }) => ({ screen_name: found, indices })),
    symbols: named(/\$([A-Z]{1,6})\b/g).map(({ found, indices }) => ({ text: found, indices })),
  };
}

/** In characters (code points), as the service counts. */
function lengthOf(text: string): number {
  return Array.from(text).length;
}
