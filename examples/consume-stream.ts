// Follows a stream of posts about three products through the loss of its connection.
import { openStream, twitterV11 } from '@holdfast/post-stream';
import { StreamSimulator } from '@holdfast/post-stream/simulator';

const wanted = 36;
const simulator = await StreamSimulator.start({ seed: 2026, postsPerSecond: 400 });
const source = twitterV11({
  url: simulator.url,
  track: ['iphone', 'ipad', 'ipod'],
  auth: simulator.auth,
});

const stop = new AbortController();
let received = 0;
let connections = 0;
simulator.cutAfter(2500); // bytes, gzipped: in the middle of some post

for await (const message of openStream(source, { signal: stop.signal })) {
  if (message.kind === 'post') {
    received += 1;
    console.log(`${received}. @${message.post.author.handle}: ${message.post.text}`);
    if (received === wanted) stop.abort();
  } else if (message.kind === 'connected') {
    connections += 1;
    console.log(`-- connection ${connections}`);
  } else if (message.kind === 'reconnecting') {
    console.log(`-- ${message.failure.cause}; connecting again in ${message.delay} ms`);
  } else if (message.kind === 'gap') {
    console.log(`-- posts from ${message.from.toISOString()} to ${message.to.toISOString()}`);
    console.log(`   may be missing (${message.reason}), the last before them ${message.lastId}`);
  } else {
    console.log(`-- ${message.kind}`);
  }
}

await simulator.stop();
console.log(`${received} posts received on ${connections} connections; all of them made up.`);
