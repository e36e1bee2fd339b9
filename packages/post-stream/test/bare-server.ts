import http, { type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A server that answers as a test says, without any of the simulator's manners. */
export interface BareServer extends AsyncDisposable {
  readonly url: string;
}

export async function serve(
  answer: (response: ServerResponse, request: IncomingMessage) => void,
): Promise<BareServer> {
  const server = http.createServer((request, response) => {
    request.resume().on('end', () => answer(response, request));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/1.1/statuses/filter.json`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
