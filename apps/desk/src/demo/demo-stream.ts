import { openStream, type TwitterAuth, twitterV11 } from '@holdfast/post-stream';
import { z } from 'zod';
import { DeskError } from '../desk-error.ts';
import type { OpenSource } from '../ingest/ingestor.ts';
import type { Log } from '../log.ts';
import type { Holding } from '../portfolio/demo-portfolio.ts';
import { DemoSimulator } from './demo-simulator.ts';

/** Where the posts of the demo come from. */
export interface DemoStream {
  /** The name under which its posts are stored. */
  readonly source: string;
  readonly open: OpenSource;
  close(): Promise<void>;
}

/** Names the stream server of tests: its address and its four credentials, as one JSON object. */
const simulatorVariable = 'HOLDFAST_SIMULATOR';

/**
 * The stream of the demo: a simulated server in this process, followed as a real one would be.
 *
 * With `HOLDFAST_SIMULATOR` set, that server is followed instead. Tests use it to compare what was
 * sent with what was stored.
 *
 * @throws {DeskError} `usage`, when the variable cannot be read
 */
export async function openDemoStream(
  holdings: readonly Holding[],
  log: Log,
  environment: NodeJS.ProcessEnv = process.env,
): Promise<DemoStream> {
  const track = holdings.flatMap(({ terms }) => terms);
  const outside = environment[simulatorVariable];
  if (outside !== undefined) {
    const { url, auth } = serverFrom(outside);
    return { source: 'x', open: opening(url, auth, track), close: async () => undefined };
  }
  const simulator = new DemoSimulator(log);
  return {
    source: 'x',
    open: async function* (options) {
      // Started late: a desk that stands by needs no server of its own.
      const { url, auth } = await simulator.start();
      yield* opening(url, auth, track)(options);
    },
    close: () => simulator.stop(),
  };
}

function opening(url: string, auth: TwitterAuth, track: readonly string[]): OpenSource {
  return (options) => openStream(twitterV11({ url, auth, track }), options);
}

const server = z.strictObject({
  url: z.url(),
  auth: z.strictObject({
    consumerKey: z.string(),
    consumerSecret: z.string(),
    token: z.string(),
    tokenSecret: z.string(),
  }),
});

function serverFrom(text: string): z.infer<typeof server> {
  try {
    return server.parse(JSON.parse(text));
  } catch (error) {
    throw new DeskError('usage', `${simulatorVariable} cannot be read`, undefined, {
      cause: error,
    });
  }
}
