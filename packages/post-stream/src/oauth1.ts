import { createHmac, randomBytes } from 'node:crypto';

/** The four secrets of OAuth 1.0a; `token` and its secret are absent while one is being asked for. */
export interface OAuth1Credentials {
  readonly consumerKey: string;
  readonly consumerSecret: string;
  readonly token?: string;
  readonly tokenSecret?: string;
}

/** What is signed. */
export interface OAuth1Request {
  readonly method: string;
  /** As requested; its query takes part in the signature, its fragment does not. */
  readonly url: string | URL;
  /** The form fields of the body, decoded, and `oauth_callback` and its like; keys may repeat. */
  readonly parameters?: Iterable<readonly [string, string]>;
  readonly credentials: OAuth1Credentials;
  /** Random unless given. */
  readonly nonce?: string;
  /** Seconds since 1970; now unless given. */
  readonly timestamp?: number;
  /** `oauth_version=1.0` is sent unless this is false. */
  readonly version?: boolean;
}

/**
 * The value of an `Authorization` header that signs a request (OAuth 1.0a, HMAC-SHA1, RFC 5849).
 *
 * The `oauth_` fields come first and sorted. The header holds no secret, but
 * whoever has it may repeat the request while its timestamp is fresh: keep it out
 * of logs.
 */
export function oauth1Header(request: OAuth1Request): string {
  const {
    parameters = [],
    credentials,
    nonce = randomBytes(16).toString('hex'),
    timestamp = Math.floor(Date.now() / 1000),
    version = true,
  } = request;
  const given = [...parameters];
  const oauth: [string, string][] = [
    ['oauth_consumer_key', credentials.consumerKey],
    ['oauth_nonce', nonce],
    ['oauth_signature_method', 'HMAC-SHA1'],
    ['oauth_timestamp', String(timestamp)],
    ...optional('oauth_token', credentials.token),
    ...(version ? [['oauth_version', '1.0'] satisfies [string, string]] : []),
    ...given.filter(([key]) => key.startsWith('oauth_')).map(([key, value]) => pair(key, value)),
  ];
  const form = given.filter(([key]) => !key.startsWith('oauth_'));
  const base = signatureBase(request.method, request.url, [...form, ...oauth]);
  const signature = hmacSha1(base, credentials.consumerSecret, credentials.tokenSecret);
  const fields = [...oauth, pair('oauth_signature', signature)].sort(([a], [b]) => compare(a, b));
  return `OAuth ${fields.map(([key, value]) => `${percentEncode(key)}="${percentEncode(value)}"`).join(', ')}`;
}

/** The text that is signed (RFC 5849, section 3.4.1); the url's query is taken in. */
export function signatureBase(
  method: string,
  url: string | URL,
  parameters: Iterable<readonly [string, string]>,
): string {
  const { origin, pathname, searchParams } = new URL(url);
  const encoded = [...searchParams, ...parameters]
    .map(([key, value]) => pair(percentEncode(key), percentEncode(value)))
    .sort(([keyA, a], [keyB, b]) => compare(keyA, keyB) || compare(a, b))
    .map(([key, value]) => `${key}=${value}`);
  return [method.toUpperCase(), origin + pathname, encoded.join('&')].map(percentEncode).join('&');
}

/** The signature of a base text, in base 64. */
export function hmacSha1(base: string, consumerSecret: string, tokenSecret = ''): string {
  const key = `${percentEncode(consumerSecret)}&${percentEncode(tokenSecret)}`;
  return createHmac('sha1', key).update(base).digest('base64');
}

/** RFC 3986: everything but letters, digits and `-._~`. */
export function percentEncode(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (mark) => `%${mark.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

function optional(key: string, value: string | undefined): [string, string][] {
  return value === undefined ? [] : [pair(key, value)];
}

function pair(key: string, value: string): [string, string] {
  return [key, value];
}

function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
