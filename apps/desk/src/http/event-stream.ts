import type { ServerResponse } from 'node:http';
import type { DeskEvent } from '../desk.ts';
import { securityHeaders } from './security-headers.ts';

const heartbeat = 15_000;
const longestBacklog = 1_048_576;

/**
 * The open answers of `/api/events`.
 *
 * A comment goes out every 15 s, so that a proxy or a sleeping laptop does not leave a dead
 * connection behind. A reader more than a megabyte behind is cut off; its browser connects anew.
 */
export class EventStreams {
  readonly #open = new Set<ServerResponse>();
  readonly #beat: NodeJS.Timeout;

  constructor() {
    this.#beat = setInterval(() => this.#write(': beat\n\n'), heartbeat);
    this.#beat.unref();
  }

  /** Turns `response` into an event stream that begins with `first`. */
  add(response: ServerResponse, first: readonly DeskEvent[]): void {
    response.writeHead(200, {
      ...securityHeaders,
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store',
    });
    response.write(`retry: 2000\n\n${first.map(eventText).join('')}`);
    response.on('error', () => response.destroy());
    response.on('close', () => this.#open.delete(response));
    this.#open.add(response);
  }

  send(event: DeskEvent): void {
    this.#write(eventText(event));
  }

  /** Ends every stream and the heartbeat. Without it the server could not close. */
  end(): void {
    clearInterval(this.#beat);
    for (const response of this.#open) response.end();
    this.#open.clear();
  }

  #write(text: string): void {
    for (const response of this.#open) {
      if (response.writableLength > longestBacklog) response.destroy();
      else response.write(text);
    }
  }
}

function eventText({ name, data }: DeskEvent): string {
  return `event: ${name}\ndata: ${JSON.stringify(data)}\n\n`;
}
