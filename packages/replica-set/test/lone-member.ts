/** A member in the test's own thread, so that a test sees its sockets and its memory. */
import { type AddressInfo, createServer, type Server } from 'node:net';
import { serveConnection } from '../src/connection.ts';
import { Faults, noFaults } from '../src/faults.ts';
import type { MemberConfig } from '../src/member-config.ts';
import { MemberState } from '../src/member-state.ts';

export interface LoneMember {
  readonly server: Server;
  readonly state: MemberState;
  readonly port: number;
}

export async function startLoneMember({
  unfinishedMS = 30_000,
  user,
}: {
  unfinishedMS?: number;
  user?: MemberConfig['user'];
} = {}): Promise<LoneMember> {
  const config: MemberConfig = {
    index: 0,
    setName: 'rs0',
    host: '127.0.0.1',
    port: 0,
    file: ':memory:',
    durable: false,
    electionTimeoutMS: 1000,
    logBytes: 2 ** 24,
    secret: 'secret',
    user,
  };
  const state = new MemberState(config, new Faults(noFaults), () => {});
  const server = createServer((socket) => serveConnection(socket, state, { unfinishedMS }));
  await new Promise<void>((resolve) => server.listen(0, config.host, resolve));
  const { port } = server.address() as AddressInfo;
  state.addresses = [{ index: 0, host: config.host, port }];
  state.replica.start(state.addresses);
  return { server, state, port };
}
