/**
 * A desk of canned posts behind the real calls, to work on the page and to test it: judgements
 * and settings last as long as the process. Run directly, it serves the built page as well:
 * `npm run build -w apps/web && node apps/web/test/desk-server.ts [port]`
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import fastifyStatic from '@fastify/static';
import type {
  DeskEvents,
  JudgementRequest,
  QueuedPost,
  Settings,
  Verdict,
} from '@holdfast/desk/api';
import fastify, { type FastifyInstance, type FastifyReply } from 'fastify';
import { arrival, deskState, portfolio, posts } from './desk-fixture.ts';

const policy =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; font-src 'self'";

export class FixtureDesk {
  readonly app: FastifyInstance = fastify({ forceCloseConnections: true });
  /** Each line length that was saved, in order. */
  readonly savedColumns: number[] = [];
  /** The status with which the next call that changes something is refused. */
  refuseNext: number | undefined;
  #unread: readonly QueuedPost[];
  readonly #judged: { readonly post: QueuedPost; readonly verdict: Verdict }[] = [];
  readonly #listeners = new Set<FastifyReply>();
  #arrivals = 0;

  constructor(unread: readonly QueuedPost[] = posts) {
    this.#unread = unread;
    this.#route();
  }

  get unread(): readonly QueuedPost[] {
    return this.#unread;
  }

  /** Lets posts come in, as a stream does. */
  arrive(count: number): void {
    const arrived = Array.from({ length: count }, () => arrival(++this.#arrivals));
    this.#unread = [...arrived, ...this.#unread];
    this.#tell('queue', { unread: this.#unread.length, arrived: count });
  }

  /** Starts to listen and gives the address. */
  listen(port = 0): Promise<string> {
    return this.app.listen({ port, host: '127.0.0.1' });
  }

  #route(): void {
    const { app } = this;
    const dist = join(import.meta.dirname, '../dist');
    if (existsSync(dist)) app.register(fastifyStatic, { root: dist });

    app.addHook('onRequest', async (request, reply) => {
      reply.header('content-security-policy', policy);
      if (request.method === 'GET' || this.refuseNext === undefined) return;
      reply.code(this.refuseNext);
      this.refuseNext = undefined;
      await reply.send({ error: 'The database has no primary.', mend: 'Try again in a moment.' });
    });

    app.get('/api/state', async () => deskState(this.#unread, this.savedColumns.at(-1) ?? 25));
    app.get<{ Querystring: { limit: number } }>('/api/queue', async ({ query }) => {
      return { posts: this.#unread.slice(0, Number(query.limit)), unread: this.#unread.length };
    });
    app.get('/api/portfolio', async () => portfolio);

    app.post<{ Body: JudgementRequest }>('/api/judgements', async ({ body }, reply) => {
      const post = this.#unread.find(({ id }) => id === body.postId);
      if (post === undefined) return reply.code(404).send({ error: 'There is no such post.' });
      this.#judged.push({ post, verdict: body.verdict });
      this.#setUnread(this.#unread.filter((each) => each !== post));
      return { ...body, unread: this.#unread.length };
    });
    app.post('/api/judgements/undo', async () => {
      const last = this.#judged.pop();
      if (last !== undefined) this.#setUnread([last.post, ...this.#unread]);
      const unread = this.#unread.length;
      if (last === undefined) return { postId: null, verdict: null, post: null, unread };
      return { postId: last.post.id, verdict: last.verdict, post: last.post, unread };
    });
    app.put<{ Body: Settings }>('/api/settings', async ({ body }) => {
      this.savedColumns.push(body.columns);
      this.#tell('settings', body);
      return body;
    });

    app.get('/api/events', (request, reply) => {
      reply.hijack();
      reply.raw.writeHead(200, { 'content-type': 'text/event-stream' });
      reply.raw.write('retry: 500\n\n');
      this.#listeners.add(reply);
      request.raw.on('close', () => this.#listeners.delete(reply));
    });
    app.addHook('preClose', async () => {
      for (const { raw } of this.#listeners) raw.end();
    });

    // For scripts that look at the page: POST /fixture/arrive/12, POST /fixture/refuse/503
    app.post<{ Params: { count: number } }>('/fixture/arrive/:count', async ({ params }) => {
      this.arrive(Number(params.count));
      return {};
    });
    app.post<{ Params: { status: number } }>('/fixture/refuse/:status', async ({ params }) => {
      this.refuseNext = Number(params.status);
      return {};
    });
  }

  #setUnread(unread: readonly QueuedPost[]): void {
    this.#unread = unread;
    this.#tell('queue', { unread: unread.length, arrived: 0 });
  }

  #tell<Name extends keyof DeskEvents>(name: Name, data: DeskEvents[Name]): void {
    for (const { raw } of this.#listeners) {
      raw.write(`event: ${name}\ndata: ${JSON.stringify(data)}\n\n`);
    }
  }
}

if (import.meta.main) {
  console.error(
    `The canned desk: ${await new FixtureDesk().listen(Number(process.argv[2] ?? 4790))}`,
  );
}
