import { validateHeaderValue } from 'node:http';
import type { Failure } from './failure.ts';
import { acceptedEncodings, type HttpStream, openHttpStream } from './http-stream.ts';
import { LineSplitter } from './line-splitter.ts';
import { oauth1Header, percentEncode } from './oauth1.ts';
import type { SourceMessage, StreamSource } from './stream-source.ts';
import { decodeTwitterLine } from './twitter-message.ts';

const twitterHost = 'stream.twitter.com';
const defaultUrl = `https://${twitterHost}/1.1/statuses/filter.json`;
const mostTerms = 400;
const mostFollows = 5000;
/** Some hundred times the longest post. */
const longestLine = 1024 * 1024;
/** Node's timers fire at once beyond this. */
const longestTimer = 2 ** 31 - 1;
/** Three keep-alives. */
const defaultStallTimeout = 90_000;

/** The credentials of a v1.1 stream: an application's and a user's. */
export interface TwitterAuth {
  readonly consumerKey: string;
  readonly consumerSecret: string;
  readonly token: string;
  readonly tokenSecret: string;
}

/** What to listen to, and as whom. */
export interface TwitterV11Options {
  /** The address of `statuses/filter.json`; Twitter's own unless given. */
  readonly url?: string | URL;
  /** Any of these (400 at most); within one, a space means "and". No commas. */
  readonly track?: readonly string[];
  /** Ids of users (5000 at most). */
  readonly follow?: readonly string[];
  readonly auth: TwitterAuth;
  readonly userAgent?: string;
  /** Milliseconds of silence after which the connection is given up; keep-alives come every 30 s. */
  readonly stallTimeout?: number;
}

/**
 * Posts that match, by the protocol of Twitter's v1.1 `statuses/filter` stream.
 *
 * Each connection is a POST signed afresh with OAuth 1.0a. The service keeps no
 * place for us: what was said while we were away is gone, and `openStream` reports
 * it as a gap. Twitter itself has closed this stream; the protocol lives on in
 * recordings and in the simulator.
 *
 * @throws {TypeError} when there is nothing to listen to, or a credential is missing
 * @throws {RangeError} when there are more terms or users than the service takes
 * @example
 * const source = twitterV11({ url, track: ['iphone', 'ipad'], auth });
 * for await (const message of openStream(source)) {
 *   if (message.kind === 'post') console.log(message.post.text);
 * }
 */
export function twitterV11(options: TwitterV11Options): StreamSource {
  const { track = [], follow = [], auth, stallTimeout = defaultStallTimeout } = options;
  const { userAgent = 'holdfast-post-stream' } = options;
  const url = new URL(options.url ?? defaultUrl);
  checkFilter(track, follow);
  checkAuth(auth);
  if (!/^https?:$/.test(url.protocol)) throw new TypeError('the url is due to be http or https');
  if (url.username + url.password !== '') {
    throw new TypeError('the url may not hold a user name or password');
  }
  if (!(stallTimeout > 0 && stallTimeout <= longestTimer)) {
    throw new RangeError(`stallTimeout is 1 to ${longestTimer} ms, not ${stallTimeout}`);
  }
  validateHeaderValue('User-Agent', userAgent);
  url.hash = '';

  const fields: [string, string][] = [
    ...(track.length > 0 ? [field('track', track.join(','))] : []),
    ...(follow.length > 0 ? [field('follow', follow.join(','))] : []),
    field('stall_warnings', 'true'),
  ];
  const body = fields.map((each) => each.map(percentEncode).join('=')).join('&');
  const linked = url.hostname === twitterHost;

  return {
    name: `twitter v1.1 at ${url.origin}`,
    stallTimeout,
    async connect({ clock, signal }) {
      const authorization = oauth1Header({
        method: 'POST',
        url,
        parameters: fields,
        credentials: auth,
        timestamp: Math.floor(clock.now() / 1000),
      });
      let stream: HttpStream;
      try {
        stream = await openHttpStream({
          url,
          method: 'POST',
          headers: {
            Authorization: authorization,
            'User-Agent': userAgent,
            Accept: '*/*',
            'Accept-Encoding': acceptedEncodings,
            'Content-Type': 'application/x-www-form-urlencoded',
            'Content-Length': String(Buffer.byteLength(body)),
          },
          body,
          signal,
        });
      } catch (error) {
        return { cause: 'network', code: codeOf(error) };
      }
      if (stream.status !== 200) {
        stream.close();
        return refusal(stream, clock.now());
      }
      return { batches: batchesOf(stream, linked), close: () => stream.close() };
    },
  };
}

async function* batchesOf(
  stream: HttpStream,
  linked: boolean,
): AsyncGenerator<Iterable<SourceMessage>, void, undefined> {
  const splitter = new LineSplitter(longestLine);
  for await (const chunk of stream.chunks) yield messagesOf(splitter, chunk, linked);
}

/** Decoded only when asked for, so that a slow reader holds one chunk and one message. */
function* messagesOf(
  splitter: LineSplitter,
  chunk: Uint8Array,
  linked: boolean,
): Generator<SourceMessage, void, undefined> {
  for (const line of splitter.push(chunk)) {
    if ('oversized' in line) yield { kind: 'oversized', bytes: line.oversized };
    else if (line.length > 0) yield decodeTwitterLine(line.toString('utf8'), linked);
  }
}

function refusal({ status, headers }: HttpStream, now: number): Failure {
  const waits = [
    retryAfter(headers['retry-after'], now),
    resetIn(headers['x-rate-limit-reset'], now),
  ];
  const asked = waits.find((wait) => wait > 0);
  return { cause: 'http', status, ...(asked === undefined ? {} : { retryAfter: asked }) };
}

/** Seconds or a date (RFC 9110, section 10.2.3), as ms from now; NaN when it is neither. */
function retryAfter(header: string | undefined, now: number): number {
  const seconds = Number(header);
  return Number.isNaN(seconds) ? Date.parse(header ?? '') - now : seconds * 1000;
}

/** Seconds since 1970, as ms from now. */
function resetIn(header: string | string[] | undefined, now: number): number {
  return Number(header) * 1000 - now;
}

function checkFilter(track: readonly string[], follow: readonly string[]): void {
  if (track.length + follow.length === 0) {
    throw new TypeError('twitterV11 needs something to track or follow');
  }
  for (const term of track) {
    if (term.trim() === '' || term.includes(',')) {
      throw new TypeError(`a term to track has letters and no comma: "${term}"`);
    }
  }
  if (track.length > mostTerms) throw new RangeError(`${track.length} terms: ${mostTerms} at most`);
  if (follow.length > mostFollows) {
    throw new RangeError(`${follow.length} users to follow: ${mostFollows} at most`);
  }
}

function checkAuth(auth: TwitterAuth): void {
  for (const name of ['consumerKey', 'consumerSecret', 'token', 'tokenSecret'] as const) {
    if (typeof auth?.[name] !== 'string' || auth[name] === '') {
      throw new TypeError(`auth.${name} is missing`);
    }
  }
}

function field(name: string, value: string): [string, string] {
  return [name, value];
}

function codeOf(error: unknown): string {
  const { code } = error as { code?: unknown };
  return typeof code === 'string' ? code : 'UNKNOWN';
}
