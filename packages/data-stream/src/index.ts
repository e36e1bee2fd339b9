export { DataInputStream } from './data-input-stream.ts';
export { DataOutputStream } from './data-output-stream.ts';
export {
  DataStreamError,
  EOFException,
  type UTFDataFormatCode,
  UTFDataFormatException,
} from './data-stream-error.ts';
export { modifiedUtf8 } from './modified-utf8.ts';
