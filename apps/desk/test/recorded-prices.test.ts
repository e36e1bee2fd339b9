import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DataOutputStream } from '@holdfast/data-stream';
import { readPrices } from '@holdfast/portfolio';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { runCommandLine } from '../src/command/program.ts';
import { pricesOfRecording } from '../src/java/recorded-prices.ts';
import { readStoredPrices } from '../src/store/portfolio-shelf.ts';
import { storeOf } from '../src/store/store.ts';
import { capturedTerminal } from './captured-terminal.ts';
import { openStoreHouse, type StoreHouse } from './store-house.ts';

const layout = 'symbol:utf, day:int, close:double';
const csv = 'date,symbol,close\n2022-12-28,"A,B",1.5\n2022-12-28,KO,2\n2022-12-29,KO,0.0000001\n';

function recording(
  write: (out: DataOutputStream, symbol: string, day: string, close: number) => void,
) {
  const out = new DataOutputStream();
  write(out, 'A,B', '2022-12-28', 1.5);
  write(out, 'KO', '2022-12-28', 2);
  write(out, 'KO', '2022-12-29', 0.0000001);
  return out.toBytes();
}

const asDigits = recording((out, symbol, day, close) => {
  out.writeUTF(symbol);
  out.writeInt(Number(day.replaceAll('-', '')));
  out.writeDouble(close);
});

test.each<[string, string, Uint8Array]>([
  ['digits', layout, asDigits],
  [
    'days since 1970',
    'symbol:utf, date:int, price:double',
    recording((out, symbol, day, close) => {
      out.writeUTF(symbol);
      out.writeInt(Date.parse(day) / 86_400_000);
      out.writeDouble(close);
    }),
  ],
  [
    'milliseconds since 1970, among other fields',
    'at:long, volume:int, symbol:byte(A.B|KO), close:double',
    recording((out, symbol, day, close) => {
      out.writeLong(Date.parse(day) + 3_600_000);
      out.writeInt(7);
      out.writeByte(symbol === 'KO' ? 1 : 0);
      out.writeDouble(close);
    }),
  ],
  [
    'text',
    'day:utf, symbol:utf, close:double',
    recording((out, symbol, day, close) => {
      out.writeUTF(day);
      out.writeUTF(symbol);
      out.writeDouble(close);
    }),
  ],
])('reads prices with days as %s', async (_what, text, bytes) => {
  const expected = readPrices(text.includes('A.B') ? csv.replace('"A,B"', 'A.B') : csv);
  expect(await pricesOfRecording('prices.bin', bytes, text)).toEqual(expected);
});

test.each<[string, string, (out: DataOutputStream) => void, string]>([
  ['no day', 'symbol:utf, close:double', () => {}, 'the layout names no day of a price'],
  [
    'a price of nothing',
    layout,
    (out) => {
      out.writeUTF('KO');
      out.writeInt(20_221_228);
      out.writeDouble(0);
    },
    'prices.bin, record 3: ',
  ],
  [
    'a day that is none',
    layout,
    (out) => {
      out.writeUTF('KO');
      out.writeInt(1_669_204_800);
      out.writeDouble(1);
    },
    'prices.bin: record 3: 1669204800 is no day',
  ],
  [
    'a symbol that is none',
    layout,
    (out) => {
      out.writeUTF('KO\0');
      out.writeInt(20_221_228);
      out.writeDouble(1);
    },
    'prices.bin: record 3: "KO\\u0000" is no symbol',
  ],
  [
    'a price that is there twice',
    layout,
    (out) => {
      out.writeUTF('KO');
      out.writeInt(20_221_228);
      out.writeDouble(2);
    },
    'record 3: ',
  ],
  ['a record that is cut short', layout, (out) => out.writeUTF('KO'), 'record 3, field day: '],
])('refuses %s', async (_what, text, write, message) => {
  const out = new DataOutputStream();
  out.write(asDigits);
  write(out);
  await expect(pricesOfRecording('prices.bin', out.toBytes(), text)).rejects.toThrow(message);
});

let house: StoreHouse;
let folder: string;
beforeAll(async () => {
  house = await openStoreHouse();
  folder = mkdtempSync(join(tmpdir(), 'holdfast-import-'));
});
afterAll(async () => {
  await house?.close();
  rmSync(folder, { recursive: true, force: true });
});

test('holdfast import takes recordings and CSV, once, whole or not at all', async () => {
  const file = (name: string, content: string | Uint8Array): string => {
    writeFileSync(join(folder, name), content);
    return join(folder, name);
  };
  const run = async (...words: string[]) => {
    const terminal = capturedTerminal();
    const code = await runCommandLine(['import', ...words, '--mongo-uri', house.uri], terminal);
    return { code, printed: terminal.printed, said: terminal.said };
  };
  const prices = file('prices.bin', asDigits);
  const first = await run('--prices', prices, '--java', layout, '--json');
  expect(first.code).toBe(0);
  expect(JSON.parse(first.printed)).toEqual({
    schema: 'holdfast.import/1',
    source: 'file:prices.bin',
    imported: true,
    prices: 3,
  });
  const again = await run('--prices', prices, '--java', layout);
  expect(again.said).toBe('Nothing new: 3 prices, there already.\n');

  const cut = await run('--prices', file('cut.bin', asDigits.subarray(1)), '--java', layout);
  expect(cut.code).toBe(3);
  expect((await run('--prices', file('x.csv', 'Date,X\n2022-12-30,5\n'))).code).toBe(0);

  const store = storeOf(house.client.db('holdfast'));
  expect(await store.imports.countDocuments()).toBe(2);
  const stored = await readStoredPrices(store, ['A,B', 'KO', 'X']);
  expect(stored.dates).toEqual(['2022-12-28', '2022-12-29', '2022-12-30']);
  expect([...stored.symbols].sort()).toEqual(['A,B', 'KO', 'X']);
});
