/** What both kinds of web streams, the browser's and Node's, have in common for reading. */
export interface WebReadable {
  getReader(): {
    read(): Promise<{ readonly done: boolean; readonly value?: Uint8Array | undefined }>;
    cancel(reason?: unknown): Promise<void>;
    releaseLock(): void;
  };
}

/** A Blob or a File, as far as it is used. */
export interface BlobLike {
  readonly size: number;
  stream(): WebReadable;
}

/**
 * Where bytes come from: bytes in memory, a web stream, a Blob or File, a Node stream or any other
 * iterable of chunks, sync or async. A stream is read as fast as its chunks are used and no faster.
 */
export type ByteSource =
  | Uint8Array
  | ArrayBuffer
  | BlobLike
  | WebReadable
  | AsyncIterable<Uint8Array>
  | Iterable<Uint8Array>;

/**
 * The chunks of a source, in their order. Ended early, it cancels the source.
 *
 * @throws {TypeError} when that is no source, or when a chunk is not a Uint8Array
 */
export async function* chunksOf(source: ByteSource): AsyncGenerator<Uint8Array, void, undefined> {
  for await (const chunk of iterableOf(source)) {
    if (!(chunk instanceof Uint8Array)) {
      const hint = typeof chunk === 'string' ? ': set no encoding on the stream' : '';
      throw new TypeError(`a chunk of the source is a ${typeof chunk}, not a Uint8Array${hint}`);
    }
    if (chunk.length > 0) yield chunk;
  }
}

function iterableOf(source: ByteSource): AsyncIterable<unknown> | Iterable<unknown> {
  if (source instanceof Uint8Array) return [source];
  if (source instanceof ArrayBuffer) return [new Uint8Array(source)];
  if (typeof source === 'object' && source !== null) {
    if ('getReader' in source) return readingOf(source);
    if (Symbol.asyncIterator in source || Symbol.iterator in source) return source;
    if ('stream' in source) return readingOf(source.stream());
  }
  throw new TypeError(
    'a source is a Uint8Array, an ArrayBuffer, a Blob, a web stream, a Node stream, or an iterable of Uint8Arrays',
  );
}

/** Not every browser iterates its streams. */
async function* readingOf(stream: WebReadable): AsyncGenerator<unknown, void, undefined> {
  const reader = stream.getReader();
  let isDone = false;
  try {
    for (;;) {
      const { done, value } = await reader.read();
      isDone = done;
      if (done) return;
      yield value;
    }
  } catch (error) {
    isDone = true;
    throw error;
  } finally {
    if (!isDone) await reader.cancel();
    reader.releaseLock();
  }
}
