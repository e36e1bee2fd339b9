export { inventPosts } from './invented-posts.ts';
export { type InventedUser, inventUsers } from './invented-users.ts';
export type { Temperament } from './phrases.ts';
export type { ProducedCounts, ProducedMessage, SentPost } from './produced-log.ts';
export type { RawDelete, RawMessage, RawPost } from './raw-post.ts';
export {
  inventedAuth,
  type Refusal,
  type SimulatorOptions,
  StreamSimulator,
} from './stream-simulator.ts';
