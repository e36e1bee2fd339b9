// Writes price records as a Java program's DataOutputStream would, and reads them back.
import { DataInputStream, DataOutputStream } from '@holdfast/data-stream';

const prices = [
  { symbol: 'MSFT', day: 20_221_230, close: 239.82, volume: 21_938_500n },
  { symbol: 'AAPL', day: 20_221_230, close: 129.93, volume: 77_034_200n },
  { symbol: 'KO', day: 20_221_230, close: 63.61, volume: 9_057_000n },
  { symbol: 'ÜBER\0😀', day: 20_221_230, close: Number.NaN, volume: -1n },
];

const out = new DataOutputStream();
out.writeInt(prices.length);
for (const { symbol, day, close, volume } of prices) {
  out.writeUTF(symbol);
  out.writeInt(day);
  out.writeDouble(close);
  out.writeLong(volume);
}

const bytes = out.toBytes();
console.log(`${prices.length} records in ${out.size()} bytes:`);
const hex = Buffer.from(bytes).toString('hex');
for (const line of hex.match(/.{1,64}/g) ?? []) console.log(line.replace(/(..)(?=.)/g, '$1 '));

console.log('read back:');
const input = new DataInputStream(bytes);
const count = input.readInt();
for (let i = 0; i < count; i++) {
  const symbol = input.readUTF();
  const day = input.readInt();
  const close = input.readDouble();
  const volume = input.readLong();
  console.log(`${JSON.stringify(symbol)} on ${day}: close ${close}, volume ${volume}`);
}
console.log(`bytes left: ${input.available()}`);
