/** What both kinds of web streams, the browser's and Node's, have in common for writing. */
export interface WebWritable {
  getWriter(): {
    readonly ready: Promise<unknown>;
    write(chunk: Uint8Array<ArrayBuffer>): Promise<void>;
    close(): Promise<void>;
    abort(reason?: unknown): Promise<void>;
    releaseLock(): void;
  };
}

/** A Node stream, as far as it is used. */
export interface NodeWritable {
  write(chunk: Uint8Array): boolean;
  end(done: () => void): unknown;
  destroy(error?: Error): unknown;
  on(event: string, listener: (error?: Error) => void): unknown;
  off(event: string, listener: (error?: Error) => void): unknown;
}

/**
 * Where bytes go: a web stream, a Node stream, a function that is waited for, or an object that
 * writes, closes and aborts. No chunk is given before the one before was taken.
 */
export type ByteSink =
  | OpenSink
  | WebWritable
  | NodeWritable
  | ((chunk: Uint8Array<ArrayBuffer>) => void | Promise<void>);

/** A sink as it is used. */
export interface OpenSink {
  /** Resolves when the next chunk is welcome. */
  write(chunk: Uint8Array<ArrayBuffer>): Promise<void>;
  /** Resolves when the sink has everything. */
  close(): Promise<void>;
  /** Gives the sink up. */
  abort(reason: unknown): Promise<void>;
}

/** @throws {TypeError} when that is no sink */
export function openSink(sink: ByteSink): OpenSink {
  if (typeof sink === 'function') return functionSink(sink);
  if (typeof sink === 'object' && sink !== null) {
    if ('getWriter' in sink) return webSink(sink);
    if ('on' in sink) return nodeSink(sink);
    if ('write' in sink && 'abort' in sink) return sink;
  }
  throw new TypeError('a sink is a web stream, a Node stream, or a function that takes a chunk');
}

function functionSink(take: (chunk: Uint8Array<ArrayBuffer>) => void | Promise<void>): OpenSink {
  return {
    write: async (chunk) => take(chunk),
    close: async () => {},
    abort: async () => {},
  };
}

function webSink(stream: WebWritable): OpenSink {
  const writer = stream.getWriter();
  // What becomes of a write is told by `ready` and `close`.
  const later = (): void => {};
  return {
    async write(chunk) {
      writer.write(chunk).catch(later);
      await writer.ready;
    },
    async close() {
      await writer.close();
      writer.releaseLock();
    },
    async abort(reason) {
      await writer.abort(reason).catch(later);
      writer.releaseLock();
    },
  };
}

function nodeSink(stream: NodeWritable): OpenSink {
  let failure: Error | undefined;
  let isFinished = false;
  let onChange = (): void => {};
  const drained = (): void => onChange();
  const failed = (error?: Error): void => {
    if (isFinished) return;
    failure ??= error ?? new Error('the stream was closed before it had everything');
    onChange();
  };
  const events = [
    ['drain', drained],
    ['error', failed],
    ['close', failed],
  ] as const;
  for (const [event, listener] of events) stream.on(event, listener);
  const leave = (): void => {
    for (const [event, listener] of events) stream.off(event, listener);
  };
  const change = (): Promise<void> =>
    new Promise((resolve) => {
      onChange = resolve;
    });
  const finish = (): Promise<void> =>
    new Promise((resolve) => {
      stream.end(() => {
        isFinished = true;
        resolve();
      });
    });
  return {
    async write(chunk) {
      if (failure === undefined && !stream.write(chunk)) await change();
      if (failure !== undefined) throw failure;
    },
    async close() {
      // A terminal stays open for others.
      if (failure === undefined && !isTerminal(stream)) await Promise.race([finish(), change()]);
      leave();
      if (failure !== undefined) throw failure;
    },
    async abort(reason) {
      leave();
      stream.on('error', () => {}); // the caller has the reason
      if (!isTerminal(stream)) stream.destroy(reason instanceof Error ? reason : undefined);
    },
  };
}

function isTerminal(stream: NodeWritable): boolean {
  const { process } = globalThis as { process?: { stdout?: unknown; stderr?: unknown } };
  return process !== undefined && (stream === process.stdout || stream === process.stderr);
}
