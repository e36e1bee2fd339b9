import { execFile } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

const folder = join(import.meta.dirname, '../examples');

/** What each example has to print, line by line in this order; other lines may stand between. */
const due: Readonly<Record<string, readonly RegExp[]>> = {
  'locker-room.ts': [
    /^status: locked true, owner gustav, token 1$/,
    /^berta waited 100 ms in vain: gustav holds it$/,
    /^status: locked false, owner null, token 1$/,
    /^gustav works with token 2$/,
    /^berta works with token 3$/,
    /^carl works with token 4$/,
    /^status: locked false, owner null, token 4$/,
    /^late write refused: lock "ingest": no longer held with token 1: /,
    /^the cursor is still at 100$/,
  ],
  'mongo-proxy.ts': [
    /^step-down, proxy: errors 0, acknowledged 200, counter 200$/,
    /^crash, bare driver: errors \d+, acknowledged \d+, counter \d+$/,
    /^crash, proxy: errors 0, acknowledged 200, counter 200$/,
    /^one increment, called again blindly: 2$/,
    /^one increment, through the proxy: 1$/,
  ],
  'consume-stream.ts': [/^1\. @\w+: .*(iphone|ipad|ipod)/i, /^36 posts received on 2 connections/],
  'java-data-stream.ts': [
    /^4 records that Java wrote:$/,
    /^"MSFT" on 20221230: close 239\.82, volume 21938500$/,
    /^"ÜBER\\u0000😀" on 20221230: close NaN, volume -1$/,
    /^readUTF MSFT, readInt 20221230/,
    /^written again: the same bytes$/,
    /^(7 20221230 NaN -1|no JDK here to read them)$/,
    /^3 whole records$/,
    /^EOFException: record 3, field close: readDouble needs 8 bytes at offset 95, but only 6 are left$/,
  ],
  'pima.ts': [
    /^105 epochs, the best is 55$/,
    /^train 398\/537 right, 74\.1 %$/,
    /^valid 136\/161 right, 84\.5 %$/,
    /^test {2}52\/70 right, 74\.3 %$/,
  ],
  'portfolio-volatility.ts': [
    /^8312 daily returns, 1990-01-03 to 2022-12-28$/,
    /KO stands in for Kraft/,
    /^ {2}MSFT +2\.011 %$/,
    /^ {2}naive +2\.251 %/,
    /^ {2}right +1\.802 % .* 28\.6 % a year$/,
    /^ +1\.802 % .*the same$/,
    /^ {2}wrong +0\.7618 /,
    /42 times too big$/,
    /^ {2}MSFT +30\.0 % +23\.2 %$/,
    /^ {2}AAPL +50\.0 % +70\.3 %$/,
    /^ {2}KO +20\.0 % +6\.4 %$/,
    /by 1\.250\.$/,
  ],
  'read-preferences.ts': [
    /^\{freshness:latest\}: price 2, primary in Paris, linearizable, is up to date$/,
    /^\{freshness:own-writes\}: price 2, primary in Paris, majority, is up to date$/,
    /\{city:Lyon\}\]\}: price 2, secondary in Lyon, majority, up to \d s old$/,
    /^\{freshness:\{maxStalenessSeconds:120\}\}: price 2, secondary in Lyon, /,
    /maxStalenessSeconds:120\},.*\{city:Nice\}\]\}: MongoServerSelectionError$/,
    /maxStalenessSeconds:300\},.*: price 1, secondary in Nice, majority, up to 2\d\d s old$/,
    /^\{freshness:any,.*: price 1, secondary in Nice, local, up to 2\d\d s old$/,
    /^refused: tags cannot go with readPreference 'primary'/,
    /^Paris dead, proxy: \{freshness:latest\}: price 2, primary in Lyon, linearizable/,
    /^Lyon dead too: \{freshness:latest\}: MongoServerSelectionError$/,
    /^Lyon dead too: \{freshness:any\}: price 2, secondary in Nice, local/,
  ],
  'safe-writes.ts': [
    /^w: 0, second insert: no error, acknowledged false$/,
    /^safeClientOptions, second insert: E11000 duplicate key error/,
    /^w: 1, through a fail-over: acknowledged 3, still there 0$/,
    /^safeClientOptions, through a fail-over: acknowledged 3, still there 3$/,
    /^safeClientOptions: .*"w":"majority","journal":true,"wtimeoutMS":30000.*"level":"majority"/,
  ],
  'xor.ts': [
    /^401 epochs/,
    /^ 0 {2}0 +0\.994 +0\.006$/,
    /^ 0 {2}1 +0\.005 +0\.995$/,
    /^ 1 {2}0 +0\.005 +0\.995$/,
    /^ 1 {2}1 +0\.994 +0\.006$/,
    /^right: 1000 of 1000$/,
  ],
};

test('every example has its row here, and every row its example', () => {
  const files = readdirSync(folder).filter((name) => name.endsWith('.ts'));
  expect(files.sort()).toEqual(Object.keys(due).sort());
});

test.each(Object.entries(due))('%s prints what it shows', async (name, lines) => {
  const { stdout, stderr } = await promisify(execFile)(process.execPath, [join(folder, name)]);
  expect(stderr).toBe('');
  let rest = stdout.split('\n');
  for (const line of lines) {
    const at = rest.findIndex((text) => line.test(text));
    expect(at, `no line ${line} in what is left of the output:\n${rest.join('\n')}`).not.toBe(-1);
    rest = rest.slice(at + 1);
  }
});
