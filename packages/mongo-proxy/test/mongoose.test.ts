import { MongoClient } from 'mongodb';
import mongoose from 'mongoose';
import { expect, test } from 'vitest';
import { mongoProxy } from '../src/mongo-proxy.ts';
import { safeClientOptions } from '../src/safe-client-options.ts';
import { database, deploy } from './deployment.ts';

// mongoose takes a client of its own copy of the driver only: the root package.json sees to it
// that there is one copy.
test('mongoose works on a protected client, and its writes ride out lost replies and step-downs', async () => {
  const rs = await deploy({ members: 3, electionTimeoutMS: 500 });
  const client = mongoProxy(new MongoClient(rs.uri, safeClientOptions));
  const connection = mongoose.createConnection();
  try {
    connection.setClient(await client.connect());
    const schema = new mongoose.Schema({ _id: String, balance: Number, tags: [String] });
    const Account = connection.useDb(database).model('Account', schema);
    await Account.createCollection();
    await Account.create({ _id: 'ada', balance: 0 });

    await rs.loseReplies(5);
    await Account.updateOne({ _id: 'ada' }, { $inc: { balance: 1 } });
    const steppingDown = rs.stepDown(0.1);
    await Account.updateMany({}, { $inc: { balance: 1 } });
    await steppingDown;

    const ada = await Account.findById('ada').orFail();
    ada.set('balance', Number(ada.get('balance')) + 1);
    ada.set('tags', ['first']);
    await rs.loseReplies(5);
    await ada.save();

    await rs.loseReplies(4);
    await connection.transaction(async (session) => {
      await Account.updateOne({ _id: 'ada' }, { $inc: { balance: 1 } }, { session });
    });
    await rs.loseReplies(0);
    const seen: unknown[] = [];
    for await (const each of Account.find().cursor()) seen.push(each.toObject());
    expect(seen).toEqual([{ _id: 'ada', balance: 4, tags: ['first'], __v: 1 }]);
  } finally {
    await connection.close();
    await client.close();
    await rs.stop();
  }
});
