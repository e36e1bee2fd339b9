import type { RawPost } from './raw-post.ts';

/** Words, with the mark that makes them a hashtag, a cashtag or a mention. */
const words = /[#$@]?[\p{L}\p{M}\p{N}_]+/gu;

/**
 * Whether a post matches what a client tracks.
 *
 * `track` is the service's form field: terms parted by commas, any of which
 * matches; a term's words, parted by spaces, must all be there, in any order.
 * Case does not matter. `aapl` finds aapl, $AAPL, #aapl and @aapl; `$aapl` finds
 * the cashtag alone. Looked at are the whole texts of the post and of the one that
 * it repeats.
 */
export function trackFilter(track: string): (post: RawPost) => boolean {
  const terms = track
    .split(',')
    .map((term) => wordsOf(term))
    .filter((term) => term.length > 0);
  return (post) => {
    const found = new Set(textsOf(post).flatMap((text) => withoutMarks(wordsOf(text))));
    return terms.some((term) => term.every((word) => found.has(word)));
  };
}

function textsOf(post: RawPost): string[] {
  const own = post.extended_tweet?.full_text ?? post.text;
  return post.retweeted_status === undefined ? [own] : [own, ...textsOf(post.retweeted_status)];
}

function wordsOf(text: string): string[] {
  return text.toLowerCase().match(words) ?? [];
}

/** Each word, and once more without its mark. */
function withoutMarks(all: readonly string[]): string[] {
  return all.flatMap((word) => (/^[#$@]/.test(word) ? [word, word.slice(1)] : [word]));
}
