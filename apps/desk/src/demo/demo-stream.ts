import { openStream, type TwitterV11Options, twitterV11 } from '@holdfast/post-stream';
import { z } from 'zod';
import { DeskError } from '../desk-error.ts';
import type { OpenSource } from '../ingest/ingestor.ts';
import type { Holding } from '../portfolio/demo-portfolio.ts';
import type { DemoSimulator } from './demo-simulator.ts';

/** Where the posts of the demo come from. */
export interface DemoStream {
  /** The name under which its posts are stored. */
  readonly source: string;
  readonly open: OpenSource;
  close(): Promise<void>;
}

/** The name under which the demo's posts are stored. */
export const demoSource = 'x';

/** Names the stream server of tests: its address and its four credentials, as one JSON object. */
const serverVariable = 'HOLDFAST_STREAM_SERVER';

export interface DemoStreamOptions {
  readonly holdings: readonly Holding[];
  /** How many posts the desk has received before. */
  readonly received: () => Promise<number>;
  readonly environment?: NodeJS.ProcessEnv | undefined;
}

/**
 * The stream of the demo: a simulated server in this process, followed as a real one would be.
 *
 * With `HOLDFAST_STREAM_SERVER` set, that server is followed instead, so that a test can compare
 * what was sent with what was stored.
 *
 * @throws {DeskError} `usage`, when the variable cannot be read
 */
export function demoStream({
  holdings,
  received,
  environment = process.env,
}: DemoStreamOptions): DemoStream {
  const track = holdings.flatMap(({ terms }) => terms);
  const outside = environment[serverVariable];
  return outside === undefined
    ? insideStream(track, received)
    : outsideStream(track, serverFrom(outside));
}

function outsideStream(track: readonly string[], { url, auth }: StreamServer): DemoStream {
  return {
    source: demoSource,
    open: (options) => openStream(twitterV11({ url, auth, track }), options),
    close: async () => undefined,
  };
}

/** The server is started when the stream is opened: a desk that stands by needs none. */
function insideStream(track: readonly string[], received: () => Promise<number>): DemoStream {
  let starting: Promise<DemoSimulator> | undefined;
  return {
    source: demoSource,
    open: async function* (options) {
      starting ??= startSimulator(received);
      const simulator = await starting;
      const { url, auth } = simulator;
      let isNew = options.cursor === undefined;
      for await (const message of openStream(twitterV11({ url, auth, track }), options)) {
        yield message;
        if (message.kind !== 'connected') continue;
        if (isNew)
          simulator.tellFirstDay().then(
            () => simulator.goOn(),
            () => undefined,
          );
        else simulator.goOn();
        isNew = false;
      }
    },
    close: async () => (await starting)?.stop(),
  };
}

async function startSimulator(received: () => Promise<number>): Promise<DemoSimulator> {
  const { DemoSimulator } = await import('./demo-simulator.ts');
  return DemoSimulator.start(await received());
}

type StreamServer = Pick<TwitterV11Options, 'auth'> & { readonly url: string };

const streamServer: z.ZodType<StreamServer> = z.strictObject({
  url: z.url(),
  auth: z.strictObject({
    consumerKey: z.string(),
    consumerSecret: z.string(),
    token: z.string(),
    tokenSecret: z.string(),
  }),
});

function serverFrom(text: string): StreamServer {
  try {
    return streamServer.parse(JSON.parse(text));
  } catch (error) {
    throw new DeskError('usage', `${serverVariable} cannot be read`, undefined, {
      cause: error,
    });
  }
}
