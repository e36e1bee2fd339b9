import http, { type IncomingMessage } from 'node:http';
import https from 'node:https';
import { PassThrough, type Transform } from 'node:stream';
import zlib from 'node:zlib';

/** What is asked for. */
export interface HttpStreamRequest {
  readonly url: URL;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly signal: AbortSignal;
}

/** An answer whose body may never end. */
export interface HttpStream {
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  /**
   * The decoded body, read no faster than it is asked for; it ends, without an
   * error, wherever the connection did. To be iterated once.
   */
  readonly chunks: AsyncIterable<Uint8Array>;
  /** Ends the connection at once; iterating then fails or ends. */
  close(): void;
}

/** What this file can decode, for the `Accept-Encoding` header. */
export const acceptedEncodings = 'gzip, deflate, br';

/** Sends a request and resolves with the head of the answer, whatever its status. */
export function openHttpStream(request: HttpStreamRequest): Promise<HttpStream> {
  const { url, method, headers, body, signal } = request;
  const { promise, resolve, reject } = Promise.withResolvers<HttpStream>();
  const transport = url.protocol === 'https:' ? https : http;
  // With `agent: false` the connection is nobody else's, and is closed with the answer.
  const outgoing = transport.request(url, { method, headers, signal, agent: false });
  outgoing.on('error', reject);
  outgoing.on('response', (response) => {
    const decoder = decoderFor(response.headers['content-encoding']);
    if (decoder === undefined) {
      response.destroy();
      reject(new UnacceptableEncoding());
      return;
    }
    pour(response, decoder);
    resolve({
      status: response.statusCode ?? 0,
      headers: response.headers,
      chunks: decoder,
      close() {
        response.destroy();
        decoder.destroy();
      },
    });
  });
  outgoing.end(body);
  return promise;
}

/** The answer came in an encoding that was not asked for. */
class UnacceptableEncoding extends Error {
  readonly code = 'UNACCEPTABLE_ENCODING';
}

/**
 * Pipes an answer into its decoder. Not by `pipeline`: that destroys the decoder
 * when the connection is cut, and with it the posts already in there.
 */
function pour(response: IncomingMessage, decoder: Transform): void {
  response.on('data', (chunk: Buffer) => {
    if (!decoder.write(chunk)) response.pause();
  });
  decoder.on('drain', () => response.resume());
  // A cut is an 'error' and then a 'close'; the end of the body is enough for us.
  response.on('error', () => {});
  response.on('close', () => {
    // What came while the decoder was full is still in the answer, at most 64 KiB.
    for (let left = response.read(); left !== null; left = response.read()) decoder.write(left);
    decoder.end();
  });
  // An error that comes while nobody asks for a chunk is found by the next who does.
  decoder.on('error', () => response.destroy());
}

function decoderFor(encoding = 'identity'): Transform | undefined {
  // Flushing at the end takes a body cut in the middle for what it is: the end.
  const finishFlush = zlib.constants.Z_SYNC_FLUSH;
  switch (encoding.trim().toLowerCase()) {
    case 'gzip':
    case 'x-gzip':
      return zlib.createGunzip({ finishFlush });
    case 'deflate':
      return zlib.createInflate({ finishFlush });
    case 'br':
      return zlib.createBrotliDecompress({
        finishFlush: zlib.constants.BROTLI_OPERATION_FLUSH,
      });
    case 'identity':
      return new PassThrough();
    default:
      return undefined;
  }
}
