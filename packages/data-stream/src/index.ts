export { array } from './array.ts';
export type { ValueReader } from './arriving-bytes.ts';
export { blockData, type PrimitivePart } from './block-data.ts';
export type { ByteSink, NodeWritable, OpenSink, WebWritable } from './byte-sink.ts';
export type { BlobLike, ByteSource, WebReadable } from './byte-source.ts';
export { DataInputStream } from './data-input-stream.ts';
export { type DataOutputOptions, DataOutputStream } from './data-output-stream.ts';
export {
  DataStreamError,
  EOFException,
  type RecordFormatCode,
  RecordFormatException,
  type RecordPlace,
  type StreamCorruptedCode,
  StreamCorruptedException,
  type UTFDataFormatCode,
  UTFDataFormatException,
} from './data-stream-error.ts';
export type { DataType, Infer } from './data-type.ts';
export { DecoderStream } from './decoder-stream.ts';
export { EncoderStream } from './encoder-stream.ts';
export { enumOf } from './enum-of.ts';
export { modifiedUtf8 } from './modified-utf8.ts';
export { optional } from './optional.ts';
export {
  boolean,
  byte,
  char,
  double,
  float,
  int,
  long,
  longNumber,
  short,
  unsignedByte,
  unsignedShort,
  utf,
} from './primitive.ts';
export { type RecordOf, record } from './record.ts';
export { type Batches, RecordReader, readRecords } from './record-reader.ts';
export { RecordWriter, writeRecords } from './record-writer.ts';
