import { blockData, DataStreamError } from '@holdfast/data-stream';
import { fileSource } from '@holdfast/data-stream/node';
import { DeskError } from '../desk-error.ts';
import { systemFault } from '../system-fault.ts';

/** How a file that a Java program left is read. */
export interface RecordingOptions {
  /** Its bytes are gzipped. */
  readonly gzip?: true;
  /** An ObjectOutputStream made it. */
  readonly objects?: true;
  /** Bytes before the first record. */
  readonly skip?: number;
}

/**
 * The bytes of a recording without what is to be skipped; `-` is stdin.
 *
 * @throws {DeskError} `data`, which names the file
 */
export async function* recordingBytes(
  path: string,
  options: RecordingOptions,
): AsyncGenerator<Uint8Array, void, undefined> {
  try {
    yield* withoutHead(unwrapped(path, options), options.skip ?? 0, path);
  } catch (error) {
    throw told(error, path);
  }
}

/** All bytes of a recording, as one array. */
export function wholeRecording(path: string, options: RecordingOptions): Promise<Uint8Array> {
  return joined(recordingBytes(path, options));
}

/** An error about the file, in words; any other as it is. */
export function told(error: unknown, path: string): unknown {
  if (error instanceof DataStreamError) {
    return new DeskError('data', `${path}: ${error.message}`, undefined, { cause: error });
  }
  const fault = systemFault(error) ?? gzipFault(error);
  if (fault === undefined) return error;
  return new DeskError('data', `${path}: ${fault}`, undefined, { cause: error });
}

function gzipFault(error: unknown): string | undefined {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'Z_DATA_ERROR') return 'this is not gzip';
  return code === 'Z_BUF_ERROR' ? 'the gzip data ends too early' : undefined;
}

async function* unwrapped(
  path: string,
  { gzip = false, objects = false }: { readonly gzip?: boolean; readonly objects?: boolean },
): AsyncGenerator<Uint8Array, void, undefined> {
  const source = path === '-' ? stdin(gzip) : fileSource(path, { gzip });
  if (!objects) {
    yield* source;
    return;
  }
  const bytes = await joined(source);
  const { data, end } = blockData.decode(bytes);
  yield data;
  if (end < bytes.length) {
    throw new DeskError(
      'data',
      `${path}: an object begins at byte ${end}; what follows cannot be read`,
      'Only the primitive data of an ObjectOutputStream can.',
    );
  }
}

function stdin(gzip: boolean): AsyncIterable<Uint8Array> {
  if (!gzip) return process.stdin;
  const gunzip = new DecompressionStream('gzip');
  return ReadableStream.from<Uint8Array<ArrayBuffer>>(process.stdin).pipeThrough(gunzip);
}

async function* withoutHead(
  chunks: AsyncIterable<Uint8Array>,
  head: number,
  path: string,
): AsyncGenerator<Uint8Array, void, undefined> {
  let left = head;
  for await (const chunk of chunks) {
    if (left < chunk.length) yield chunk.subarray(left);
    left = Math.max(0, left - chunk.length);
  }
  if (left > 0) throw new DeskError('data', `${path}: it has fewer than ${head} bytes to skip`);
}

async function joined(chunks: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const all: Uint8Array[] = [];
  for await (const chunk of chunks) all.push(chunk);
  return Buffer.concat(all);
}
