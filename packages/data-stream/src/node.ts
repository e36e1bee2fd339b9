import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createReadStream } from 'node:fs';
import { type FileHandle, open, rename, rm } from 'node:fs/promises';
import { pipeline } from 'node:stream';
import { createGunzip, createGzip } from 'node:zlib';
import type { OpenSink } from './byte-sink.ts';

/** Bytes read from a file at once. */
const readSize = 262_144;

/** How a file holds its bytes. */
export interface FileOptions {
  /** Whether they are gzipped; false unless given. */
  readonly gzip?: boolean;
}

/**
 * The bytes of a file, as a source of records. The next piece is being read while one is used.
 *
 * @throws the error of the file system, with its `code`, at the first read
 * @example
 * for await (const trades of readRecords(fileSource('trades.bin'), trade)) sum(trades);
 */
export async function* fileSource(
  path: string,
  { gzip = false }: FileOptions = {},
): AsyncGenerator<Uint8Array, void, undefined> {
  if (gzip) {
    const file = createReadStream(path, { highWaterMark: readSize });
    // Errors of the file reach whoever reads the gunzipped bytes.
    yield* pipeline(file, createGunzip({ chunkSize: readSize }), () => {});
    return;
  }
  await using file = await open(path);
  let coming = piece(file);
  for (;;) {
    const chunk = await coming;
    if (chunk.length === 0) return;
    coming = piece(file);
    coming.catch(() => {}); // told at the next turn, if there is one
    yield chunk;
  }
}

async function piece(file: FileHandle): Promise<Uint8Array> {
  const { buffer, bytesRead } = await file.read(new Uint8Array(readSize), 0, readSize, null);
  return buffer.subarray(0, bytesRead);
}

/**
 * A file as a sink of records. It takes the place of an older one when it is closed, and not
 * before: when writing fails, what was there is still there.
 *
 * @throws the error of the file system, with its `code`, when writing
 * @example
 * await writeRecords(fileSink('trades.bin'), trade, trades);
 */
export function fileSink(path: string, { gzip = false }: FileOptions = {}): OpenSink {
  const draft = `${path}.${randomUUID()}.part`;
  let opening: Promise<FileHandle> | undefined;
  const file = (): Promise<FileHandle> => {
    opening ??= open(draft, 'wx');
    return opening;
  };
  const writeAll = async (chunk: Uint8Array): Promise<void> => {
    await (await file()).writeFile(chunk);
  };
  const squeezer = gzip ? squeezing(writeAll) : undefined;
  return {
    write: (chunk) => (squeezer === undefined ? writeAll(chunk) : squeezer.write(chunk)),
    async close() {
      await squeezer?.close();
      const handle = await file();
      await handle.sync();
      await handle.close();
      await rename(draft, path);
    },
    async abort() {
      squeezer?.abort();
      if (opening === undefined) return;
      const handle = await opening.catch(() => undefined);
      await handle?.close().catch(() => {}); // closed already
      await rm(draft, { force: true });
    },
  };
}

/** Gzip in front of a writer. */
function squeezing(write: (chunk: Uint8Array) => Promise<void>) {
  const gzip = createGzip();
  const written = (async () => {
    for await (const chunk of gzip) await write(chunk);
  })();
  written.catch(() => gzip.destroy()); // told by whichever call waits next
  return {
    async write(chunk: Uint8Array): Promise<void> {
      if (!gzip.write(chunk)) await Promise.race([once(gzip, 'drain'), written]);
    },
    async close(): Promise<void> {
      gzip.end();
      await written;
    },
    abort: () => void gzip.destroy(),
  };
}
