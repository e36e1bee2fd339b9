import { existsSync } from 'node:fs';
import fastifyStatic from '@fastify/static';
import { type FastifyError, type FastifyInstance, type FastifyReply, fastify } from 'fastify';
import { type ZodType, z } from 'zod';
import type { ApiError, JudgementRequest } from '../api.ts';
import { isDatabaseAway } from '../database/database-away.ts';
import type { Desk } from '../desk.ts';
import { DeskError, type DeskErrorCode } from '../desk-error.ts';
import type { Log } from '../log.ts';
import { settingsShape } from '../settings.ts';
import { EventStreams } from './event-stream.ts';
import { refusal } from './request-guard.ts';
import { securityHeaders } from './security-headers.ts';

export interface ServerOptions {
  readonly desk: Desk;
  /** The names under which the desk may be addressed. */
  readonly hosts: ReadonlySet<string>;
  /** The folder of the built page; it may be absent, and then `/` says so. */
  readonly page: string;
  readonly log: Log;
}

const largestBody = 64 * 1024;

/**
 * The desk over HTTP: the API of `api.ts`, `/api/status`, `/healthz`, `/readyz` and the page.
 *
 * Closing it ends the event streams first, so that it closes even while a page is open.
 */
export function createServer({ desk, hosts, page, log }: ServerOptions): FastifyInstance {
  const app = fastify({ bodyLimit: largestBody, forceCloseConnections: 'idle' });
  app.removeContentTypeParser('text/plain');

  app.addHook('onRequest', async (request, reply) => {
    reply.headers(securityHeaders);
    const refused = refusal(request, hosts);
    if (refused !== null) {
      log.warn({ url: request.url, status: refused.status }, refused.error);
      return reply.code(refused.status).send({ error: refused.error, mend: refused.mend });
    }
  });
  app.setErrorHandler((error: FastifyError, _request, reply) => answerError(reply, error, log));
  app.setNotFoundHandler((request, reply) =>
    reply.code(404).send({ error: `There is nothing at ${request.url}.` } satisfies ApiError),
  );

  addApi(app, desk);
  addEvents(app, desk);
  addPage(app, page);
  return app;
}

function addApi(app: FastifyInstance, desk: Desk): void {
  app.addHook('onSend', async (request, reply) => {
    if (request.url.startsWith('/api/')) reply.header('cache-control', 'no-store');
  });
  app.get('/api/state', () => desk.state());
  app.get('/api/queue', ({ query }) => desk.queue(parsed(queueQuery, query).limit));
  app.get('/api/portfolio', () => desk.portfolio());
  app.post('/api/judgements', ({ body }) => desk.judge(parsed(judgementRequest, body)));
  app.post('/api/judgements/undo', ({ body }) => {
    parsed(emptyBody, body);
    return desk.undo();
  });
  app.put('/api/settings', ({ body }) => desk.saveSettings(parsed(settingsShape, body)));
  app.get('/api/status', () => desk.status());
  app.get('/healthz', () => ({ ok: true }));
  app.get('/readyz', async (_request, reply) => {
    const ok = await desk.isReady();
    return reply.code(ok ? 200 : 503).send({ ok });
  });
}

function addEvents(app: FastifyInstance, desk: Desk): void {
  const streams = new EventStreams();
  const stopListening = desk.onEvent((event) => streams.send(event));

  app.get('/api/events', async (_request, reply) => {
    const { unread, stream } = await desk.state();
    reply.hijack();
    streams.add(reply.raw, [
      { name: 'queue', data: { unread, arrived: 0 } },
      { name: 'stream', data: stream },
    ]);
  });
  app.addHook('preClose', async () => {
    stopListening();
    streams.end();
  });
}

function addPage(app: FastifyInstance, page: string): void {
  if (existsSync(page)) {
    app.register(fastifyStatic, { root: page });
    return;
  }
  app.get('/', (_request, reply) =>
    reply
      .code(503)
      .type('text/plain; charset=utf-8')
      .send('The page has not been built. Run npm run build -w apps/web and start again.\n'),
  );
}

const queueQuery = z.object({ limit: z.coerce.number().int().min(1).max(1000).default(50) });
const judgementRequest: ZodType<JudgementRequest> = z.strictObject({
  postId: z.string().min(1).max(1024),
  verdict: z.enum(['keep', 'skip']),
});
const emptyBody = z.strictObject({});

function parsed<T>(shape: ZodType<T>, input: unknown): T {
  const result = shape.safeParse(input);
  if (result.success) return result.data;
  throw new DeskError('usage', z.prettifyError(result.error));
}

const statusOf: Record<DeskErrorCode, number> = {
  usage: 400,
  data: 404,
  condition: 409,
  unreachable: 503,
};

function answerError(reply: FastifyReply, error: FastifyError | DeskError, log: Log): FastifyReply {
  if (error instanceof DeskError) {
    const { message, mend } = error;
    const answer: ApiError = mend === undefined ? { error: message } : { error: message, mend };
    return reply.code(statusOf[error.code]).send(answer);
  }
  const status = error.statusCode ?? 500;
  if (status < 500) return reply.code(status).send({ error: error.message } satisfies ApiError);
  if (isDatabaseAway(error)) {
    log.warn({ reason: error.message }, 'the database is away');
    const away: ApiError = { error: 'The database is away.', mend: 'Try again in a moment.' };
    return reply.code(503).send(away);
  }
  log.error({ err: error }, 'a request failed');
  const answer: ApiError = {
    error: 'The desk could not answer.',
    mend: 'Its log on the terminal says more.',
  };
  return reply.code(500).send(answer);
}
