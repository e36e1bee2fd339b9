import { hmacSha1, signatureBase } from '../oauth1.ts';
import type { TwitterAuth } from '../twitter-v11.ts';

/** How far a timestamp may be from the gate's clock, in ms. */
const timestampWindow = 5 * 60_000;

const needed = [
  'oauth_consumer_key',
  'oauth_nonce',
  'oauth_signature',
  'oauth_signature_method',
  'oauth_timestamp',
  'oauth_token',
];

/** Lets in requests that the one known credential has signed (OAuth 1.0a, HMAC-SHA1), each once. */
export class OAuthGate {
  readonly #auth: TwitterAuth;
  readonly #now: () => number;
  /** When each nonce was seen; forgotten once its timestamp would be refused anyway. */
  readonly #nonces = new Map<string, number>();

  constructor(auth: TwitterAuth, now: () => number) {
    this.#auth = auth;
    this.#now = now;
  }

  /** Why the request is refused; undefined when it is let in. */
  refusal(
    method: string,
    url: URL,
    authorization: string | undefined,
    form: URLSearchParams,
  ): string | undefined {
    const fields = fieldsOf(authorization);
    if (fields === undefined) return 'no OAuth header';
    for (const name of needed) if (!fields.has(name)) return `no ${name}`;
    if (fields.get('oauth_signature_method') !== 'HMAC-SHA1') return 'another signature method';
    if (fields.get('oauth_consumer_key') !== this.#auth.consumerKey) return 'unknown consumer key';
    if (fields.get('oauth_token') !== this.#auth.token) return 'unknown token';

    const now = this.#now();
    const timestamp = fields.get('oauth_timestamp') ?? '';
    if (!(Math.abs(Number(timestamp) * 1000 - now) <= timestampWindow))
      return 'timestamp out of bounds';

    const signed = [...fields].filter(([name]) => name !== 'oauth_signature' && name !== 'realm');
    const base = signatureBase(method, url, [...form, ...signed]);
    const due = hmacSha1(base, this.#auth.consumerSecret, this.#auth.tokenSecret);
    if (fields.get('oauth_signature') !== due) return 'wrong signature';
    return this.#used(`${timestamp} ${fields.get('oauth_nonce')}`, now) ? 'nonce used' : undefined;
  }

  #used(nonce: string, now: number): boolean {
    for (const [old, at] of this.#nonces) {
      if (now - at <= 2 * timestampWindow) break;
      this.#nonces.delete(old);
    }
    if (this.#nonces.has(nonce)) return true;
    this.#nonces.set(nonce, now);
    return false;
  }
}

function fieldsOf(authorization = ''): Map<string, string> | undefined {
  if (!/^OAuth /i.test(authorization)) return undefined;
  try {
    const fields = authorization.matchAll(/([\w%.~-]+)="([^"]*)"/g);
    return new Map(
      [...fields].map(([, name = '', value = '']) => [
        decodeURIComponent(name),
        decodeURIComponent(value),
      ]),
    );
  } catch {
    return undefined;
  }
}
