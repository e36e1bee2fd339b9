import http, { type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { TwitterAuth } from '../twitter-v11.ts';
import { encoderFor } from './encoder.ts';
import { inventPosts } from './invented-posts.ts';
import { OAuthGate } from './oauth-gate.ts';
import {
  type ProducedCounts,
  ProducedLog,
  type ProducedMessage,
  type SentPost,
} from './produced-log.ts';
import type { RawMessage } from './raw-post.ts';
import { Subscriber } from './subscriber.ts';
import { trackFilter } from './track-filter.ts';

const filterPath = '/1.1/statuses/filter.json';
const mostTerms = 400;
const longestForm = 1024 * 1024;
/** Rows of one answer to GET /sent or /produced. */
const mostRows = 10_000;
/** Between the turns of a paced simulator, in ms. */
const turn = 10;

/** The credential that a simulator knows unless it is given another; it is no secret. */
export const inventedAuth: TwitterAuth = {
  consumerKey: 'invented-consumer-key',
  consumerSecret: 'invented-consumer-secret',
  token: 'invented-token',
  tokenSecret: 'invented-token-secret',
};

/** How a simulator is set up. */
export interface SimulatorOptions {
  /** Of the invented posts; 1 unless given. */
  readonly seed?: number;
  readonly host?: string;
  /** 0, the default, for any that is free. */
  readonly port?: number;
  /** The one credential that is let in. */
  readonly auth?: TwitterAuth;
  /** 0, the default, for none but those that `produce` asks for. */
  readonly postsPerSecond?: number;
  /** ms between blank lines on an idle connection; 30 s unless given. */
  readonly keepAlive?: number;
  /**
   * What a second connection of the same credential brings: 'evict' ends the older
   * one with disconnect code 2, 'status' answers 420, 'text' answers 200, a line of
   * plain text and the end.
   */
  readonly secondConnection?: 'evict' | 'status' | 'text';
  /** ms since 1970, for posts and for the check of signatures. */
  readonly now?: () => number;
  /** How many messages `sent` and `produced` hold; 100,000 unless given. */
  readonly remember?: number;
  /** Told of each post when its sending begins. */
  readonly onSent?: (post: SentPost) => void;
}

/** An answer in place of the stream. */
export interface Refusal {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/**
 * A server on this machine that speaks Twitter's v1.1 `statuses/filter` and misbehaves on request.
 *
 * It checks OAuth 1.0a signatures (a nonce is good once), filters by `track` and
 * `follow`, compresses when asked, and sends keep-alives. Posts come from
 * `inventPosts`: `postsPerSecond` of them by the clock, or as many as `produce` asks
 * for. They go on while nobody is connected; `counts.missed` then grows.
 *
 * Another process may ask `GET /sent?after=N`, `GET /produced?after=N` (rows whose
 * `n` is above N, 10,000 at most) and `GET /status`, all as JSON, without a signature.
 *
 * @example
 * const simulator = await StreamSimulator.start({ seed: 7, postsPerSecond: 20 });
 * const source = twitterV11({ url: simulator.url, auth: simulator.auth, track: ['ipad'] });
 * simulator.cutAfter(5000);
 * await simulator.stop();
 */
export class StreamSimulator {
  readonly auth: TwitterAuth;
  readonly #options: SimulatorOptions;
  readonly #server: http.Server;
  readonly #gate: OAuthGate;
  readonly #log: ProducedLog;
  readonly #messages: Iterator<RawMessage, unknown>;
  readonly #now: () => number;
  readonly #subscribers = new Set<Subscriber>();
  readonly #refusals: Refusal[] = [];
  #wants: (message: RawMessage) => boolean = () => true;
  #pacer: NodeJS.Timeout | undefined;
  #cutNextAfter: number | undefined;
  #stalled = false;
  #pieces: readonly number[] = [];

  /** Listens, on 127.0.0.1 and a free port unless told otherwise, and begins its pace. */
  static async start(options: SimulatorOptions = {}): Promise<StreamSimulator> {
    const simulator = new StreamSimulator(options);
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    simulator.#server.once('error', reject);
    simulator.#server.listen(options.port ?? 0, options.host ?? '127.0.0.1', resolve);
    await promise;
    simulator.pace(options.postsPerSecond ?? 0);
    return simulator;
  }

  private constructor(options: SimulatorOptions) {
    const { seed = 1, auth = inventedAuth, now = Date.now, remember = 100_000 } = options;
    this.auth = auth;
    this.#options = options;
    this.#now = now;
    this.#gate = new OAuthGate(auth, now);
    this.#log = new ProducedLog(remember, options.onSent);
    this.#messages = inventPosts(seed, { now });
    this.#server = http.createServer((request, response) => {
      this.#answer(request, response).catch(() => response.destroy());
    });
  }

  /** Where it is, without a path. */
  get origin(): string {
    const { address, port, family } = this.#server.address() as AddressInfo;
    return `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`;
  }

  /** What `twitterV11` takes. */
  get url(): string {
    return this.origin + filterPath;
  }

  /** Clients that are connected now. */
  get connections(): number {
    return this.#subscribers.size;
  }

  /** Every message made, in order: the last `remember` of them. */
  get produced(): readonly ProducedMessage[] {
    return this.#log.produced;
  }

  /**
   * Every post of which at least one byte was handed to a client's connection, in
   * order: the last `remember` of them. Nobody can have any other.
   */
  get sent(): readonly SentPost[] {
    return this.#log.sent;
  }

  get counts(): ProducedCounts {
    return this.#log.counts;
  }

  /** Makes so many messages now, no faster than the clients take them. */
  async produce(count: number): Promise<void> {
    for (let i = 0; i < count; i++) {
      this.#make();
      await Promise.all([...this.#subscribers].map((each) => each.room()));
    }
  }

  /** Makes so many messages a second from now on, whether or not anybody takes them; 0 rests. */
  pace(postsPerSecond: number): void {
    clearInterval(this.#pacer);
    if (!(postsPerSecond > 0)) return;
    const began = performance.now();
    let made = 0;
    this.#pacer = setInterval(() => {
      const due = ((performance.now() - began) / 1000) * postsPerSecond;
      for (; made < due; made++) this.#make();
    }, turn);
  }

  /** Answers the next connection otherwise; asked twice, the next two. */
  refuse(refusal: Refusal): void {
    this.#refusals.push(refusal);
  }

  /** Closes the connection, or else the next one, once so many more bytes of its body are out. */
  cutAfter(bytes: number): void {
    if (this.#subscribers.size === 0) this.#cutNextAfter = bytes;
    for (const each of this.#subscribers) each.cutAfter(bytes);
  }

  /** Closes every connection at once, in the middle of whatever is being sent. */
  cut(): void {
    for (const each of this.#subscribers) each.cutAfter(0);
  }

  /** Ends every connection as HTTP means it, when what waits is sent. */
  end(): void {
    for (const each of this.#subscribers) each.end();
  }

  /** Keeps connections open and sends nothing, not even keep-alives, until `resume`. */
  stall(): void {
    this.#stalled = true;
    for (const each of this.#subscribers) each.stall();
  }

  resume(): void {
    this.#stalled = false;
    for (const each of this.#subscribers) each.resume();
  }

  /** Writes in pieces of these sizes (bytes), round and round; none for no splitting. */
  split(sizes: readonly number[]): void {
    this.#pieces = sizes;
    for (const each of this.#subscribers) each.split(sizes);
  }

  /** Sends a line as it is, between two messages: a warning, a limit, rubbish. */
  sendLine(line: string): void {
    for (const each of this.#subscribers) each.send(line);
  }

  /** Says so in a `disconnect` message, then ends the connections. */
  disconnect(code: number, reason = 'as requested'): void {
    for (const each of this.#subscribers) each.disconnect(code, reason);
  }

  /** Closes everything; the numbers stay. */
  async stop(): Promise<void> {
    clearInterval(this.#pacer);
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #make(): void {
    const { value } = this.#messages.next() as { value: RawMessage };
    const wanted = this.#wants(value);
    const begins =
      'delete' in value
        ? this.#log.add('delete', value.delete.status.id_str, value.delete.timestamp_ms, wanted)
        : this.#log.add('post', value.id_str, value.timestamp_ms, wanted);
    if (!wanted) return;
    const line = JSON.stringify(value);
    for (const each of this.#subscribers) each.send(line, () => begins(this.#now()));
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', this.origin);
    if (request.method === 'GET' && this.#report(url, response)) return;
    const form = new URLSearchParams(await bodyOf(request));
    const refusal = this.#refusals.shift() ?? this.#refusalOf(request, url, form);
    if (refusal === undefined) this.#subscribe(request, response, form);
    else response.writeHead(refusal.status, refusal.headers ?? {}).end(refusal.body ?? '');
  }

  #report(url: URL, response: ServerResponse): boolean {
    const after = Number(url.searchParams.get('after') ?? 0);
    const rows = <T extends { n: number }>(list: readonly T[]): T[] =>
      list.filter(({ n }) => n > after).slice(0, mostRows);
    const reports: Record<string, () => unknown> = {
      '/sent': () => ({ sent: rows(this.sent) }),
      '/produced': () => ({ produced: rows(this.produced) }),
      '/status': () => ({ connections: this.connections, ...this.counts }),
    };
    const report = reports[url.pathname];
    if (report === undefined) return false;
    response.writeHead(200, { 'Content-Type': 'application/json' });
    response.end(JSON.stringify(report()));
    return true;
  }

  #refusalOf(request: IncomingMessage, url: URL, form: URLSearchParams): Refusal | undefined {
    if (url.pathname !== filterPath) return { status: 404 };
    if (request.method !== 'POST') return { status: 405 };
    const { authorization } = request.headers;
    const body = this.#gate.refusal('POST', url, authorization, form);
    if (body !== undefined) return { status: 401, body };
    const terms = listIn(form, 'track').length;
    if (terms > mostTerms) return { status: 413 };
    if (terms + listIn(form, 'follow').length === 0) {
      return { status: 406, body: 'Parameter track or follow is due' };
    }
    if (this.#subscribers.size === 0) return undefined;
    if (this.#options.secondConnection === 'status') {
      return { status: 420, body: 'Enhance Your Calm' };
    }
    return this.#options.secondConnection === 'text'
      ? { status: 200, body: 'Exceeded connection limit for user\r\n' }
      : undefined;
  }

  #subscribe(request: IncomingMessage, response: ServerResponse, form: URLSearchParams): void {
    for (const older of this.#subscribers) older.disconnect(2, 'another connection of yours');
    const tracked = trackFilter(form.get('track') ?? '');
    const followed = listIn(form, 'follow');
    this.#wants = (message) =>
      'delete' in message || tracked(message) || followed.includes(message.user.id_str);
    const subscriber = new Subscriber(
      response,
      encoderFor(String(request.headers['accept-encoding'] ?? '')),
      {
        delimited: form.get('delimited') === 'length',
        keepAlive: this.#options.keepAlive ?? 30_000,
        onClose: () => this.#subscribers.delete(subscriber),
      },
    );
    this.#subscribers.add(subscriber);
    subscriber.split(this.#pieces);
    if (this.#stalled) subscriber.stall();
    if (this.#cutNextAfter !== undefined) subscriber.cutAfter(this.#cutNextAfter);
    this.#cutNextAfter = undefined;
  }
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > longestForm) throw new RangeError('the form is too long');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function listIn(form: URLSearchParams, field: string): string[] {
  return (form.get(field) ?? '').split(',').filter((each) => each.trim() !== '');
}
