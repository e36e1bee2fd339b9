/** The program of one member: run in a thread of its own, told what to do by its parent's messages. */
import { createServer, type Socket } from 'node:net';
import { parentPort, workerData } from 'node:worker_threads';
import { serveConnection } from './connection.ts';
import type { MemberAddress, MemberConfig } from './member-config.ts';
import { MemberState } from './member-state.ts';
import type { Role } from './standing.ts';

export type MemberOrder =
  | { readonly kind: 'join'; readonly addresses: readonly MemberAddress[] }
  | { readonly kind: 'stop' };

export type MemberReport =
  | { readonly kind: 'listening'; readonly port: number }
  | { readonly kind: 'role'; readonly role: Role; readonly term: number }
  | { readonly kind: 'failed'; readonly code: string; readonly message: string }
  | { readonly kind: 'stopped' };

function runMember(config: MemberConfig, port: NonNullable<typeof parentPort>): void {
  const report = (message: MemberReport): void => port.postMessage(message);
  const fail = (error: Error & { code?: string; errstr?: string }): void => {
    const locked = error.errstr === 'database is locked';
    report({
      kind: 'failed',
      code: locked ? 'LOCKED' : (error.code ?? ''),
      message: error.message,
    });
    port.close();
  };
  let state: MemberState;
  try {
    state = new MemberState(config, (role, term) => report({ kind: 'role', role, term }));
  } catch (error) {
    fail(error as Error);
    return;
  }
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    serveConnection(socket, state);
  });
  server.on('error', (error) => {
    state.close();
    fail(error);
  });
  server.listen(config.port, config.host, () => {
    const address = server.address();
    report({ kind: 'listening', port: typeof address === 'object' && address ? address.port : 0 });
  });
  port.on('message', (order: MemberOrder) => {
    if (order.kind === 'join') {
      state.addresses = order.addresses;
      state.replica.start(order.addresses);
      return;
    }
    server.close();
    for (const socket of sockets) socket.destroy();
    state.close();
    report({ kind: 'stopped' });
    port.close();
  });
}

if (parentPort !== null) runMember(workerData as MemberConfig, parentPort);
