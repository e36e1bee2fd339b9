/** What is held against the history of each round. */
export const promises = {
  stale: 'a write is refused once a newer token was granted',
  told: 'no write that was begun after a newer holder was told is acknowledged',
  tokens: 'each token is granted once, to one request, and is one above the last',
  apart: 'a lock is granted when it was given back, or its lease is over',
  giver: 'nobody but its holder gives a lock back',
  kept: 'an acknowledged write takes effect once, and is there at the end',
  refused: 'a refused write changes nothing',
  counted: 'a counter is what was acknowledged, and no write overwrites one that it has not read',
  signal: 'a holder that is awake knows before its lease is over',
  order: 'those in line are served in their order',
  served: 'nobody waits for ever',
  quiet: 'no error reaches a worker but those that tell of a lost lock',
} as const;
