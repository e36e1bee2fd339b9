import { randomBytes } from 'node:crypto';
import { buffer } from 'node:stream/consumers';
import { GridFSBucket, MongoClient } from 'mongodb';
import { expect, test } from 'vitest';
import { mongoProxy } from '../src/mongo-proxy.ts';
import { safeClientOptions } from '../src/safe-client-options.ts';
import { database, deploy } from './deployment.ts';

test('a file of many chunks goes up and comes down through step-downs and lost replies', async () => {
  const rs = await deploy({ members: 3, electionTimeoutMS: 500 });
  const client = mongoProxy(new MongoClient(rs.uri, safeClientOptions));
  try {
    const bucket = new GridFSBucket(client.db(database), { chunkSizeBytes: 1000 });
    const bytes = randomBytes(100_000);
    const upload = bucket.openUploadStream('bytes.bin');
    const steppingDown = rs.stepDown(0.1);
    for (let at = 0; at < bytes.length; at += 20_000) {
      await rs.loseReplies(3).catch(() => {}); // between two primaries there is nobody to tell
      await new Promise((written) => upload.write(bytes.subarray(at, at + 20_000), written));
    }
    await new Promise<void>((finished) => upload.end(() => finished()));
    await steppingDown;

    const download = bucket.openDownloadStream(upload.id);
    await rs.failCommand({ failCommands: ['find'], closeConnection: true, times: 3 });
    expect((await buffer(download)).equals(bytes)).toBe(true);

    await rs.loseReplies(2);
    await bucket.delete(upload.id);
    expect(await client.db(database).collection('fs.chunks').countDocuments()).toBe(0);
  } finally {
    await client.close();
    await rs.stop();
  }
});
