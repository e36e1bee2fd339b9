import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  compareBlockEndings,
  compareBlocks,
  compareEndings,
  compareWhatJavaReads,
  compareWhatJavaWrites,
  Jdk,
} from './differential.ts';

const seed = Number(process.env.SEED ?? 20_261_123);
const count = 100_000;

describe.skipIf(!Jdk.isThere())(`agrees with java.io, seed ${seed} (needs a JDK: javac)`, () => {
  let jdk: Jdk;

  beforeAll(() => {
    jdk = new Jdk();
  });
  afterAll(() => jdk?.[Symbol.dispose]());

  test(`reads and writes ${count} values as Java writes them`, () => {
    compareWhatJavaWrites(jdk, seed, count);
  });

  test(`writes ${count} values that Java reads and writes back unchanged`, () => {
    compareWhatJavaReads(jdk, seed, count);
  });

  test(`ends ${count} odd inputs as Java does, with as many bytes left`, () => {
    const endings = compareEndings(jdk, seed, count);
    for (const ending of ['ok', 'EOFException', 'UTFDataFormatException']) {
      expect(endings.get(ending), ending).toBeGreaterThan(1000);
    }
    expect(endings.size).toBe(3);
  });

  test('reads object streams of primitive data, and makes them to the byte', () => {
    compareBlocks(jdk, seed, 20_000);
  });

  test('ends odd object streams as Java does', () => {
    const endings = compareBlockEndings(jdk, seed, 20_000);
    for (const ending of ['end', 'EOFException', 'StreamCorruptedException']) {
      expect(endings.get(ending), ending).toBeGreaterThan(100);
    }
    expect(endings.size).toBe(3);
  });
});
