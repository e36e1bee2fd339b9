export type { Clock } from './clock.ts';
export type { Failure } from './failure.ts';
export type { StreamCursor } from './gap-keeper.ts';
export { type OAuth1Credentials, type OAuth1Request, oauth1Header } from './oauth1.ts';
export { openStream, type StreamOptions } from './open-stream.ts';
export {
  PostStreamError,
  type StreamStoppedCode,
  StreamStoppedError,
} from './post-stream-error.ts';
export { ReconnectPolicy } from './reconnect-policy.ts';
export {
  connectionLimitCode,
  type GapMessage,
  type GapReason,
  type Post,
  type StreamMessage,
} from './stream-message.ts';
export type { SourceConnection, SourceMessage, StreamSource } from './stream-source.ts';
export { type TwitterAuth, type TwitterV11Options, twitterV11 } from './twitter-v11.ts';
