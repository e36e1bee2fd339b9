/**
 * Two files of prices, one each way: what a Java program wrote is read here, and what is written
 * here a Java program reads.
 *
 * Java's side is `java/Prices.java`; where there is a JDK, it runs.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  DataInputStream,
  double,
  type Infer,
  int,
  long,
  readRecords,
  record,
  utf,
  writeRecords,
} from '@holdfast/data-stream';
import { fileSink, fileSource } from '@holdfast/data-stream/node';

const price = record({ symbol: utf, day: int, close: double, volume: long });
type Price = Infer<typeof price>;

// What Java wrote, as records.
const fromJava = join(import.meta.dirname, 'java/prices.bin');
const prices: Price[] = [];
for await (const batch of readRecords(fileSource(fromJava), price)) prices.push(...batch);
console.log(`${prices.length} records that Java wrote:`);
for (const { symbol, day, close, volume } of prices) {
  console.log(`${JSON.stringify(symbol)} on ${day}: close ${close}, volume ${volume}`);
}

// The same by java.io's own methods.
const input = new DataInputStream(readFileSync(fromJava));
console.log(`readUTF ${input.readUTF()}, readInt ${input.readInt()}, ...`);

// Written again, they are the same bytes, and Java reads them.
const folder = mkdtempSync(join(tmpdir(), 'java-data-stream-'));
const forJava = join(folder, 'prices.bin');
await writeRecords(fileSink(forJava), price, prices);
const isSame = Buffer.compare(readFileSync(forJava), readFileSync(fromJava)) === 0;
console.log(`written again: ${isSame ? 'the same bytes' : 'other bytes'}`);
const program = join(import.meta.dirname, 'java/Prices.java');
const java = spawnSync('java', [program, 'read', forJava], { encoding: 'utf8' });
console.log(java.status === 0 ? `Java reads them:\n${java.stdout}` : 'no JDK here to read them');

// A file that is cut short gives its whole records, and then says where it ends.
try {
  const cut = readFileSync(fromJava).subarray(0, -10);
  for await (const batch of readRecords(cut, price)) console.log(`${batch.length} whole records`);
} catch (error) {
  console.log(String(error));
}
rmSync(folder, { recursive: true });
