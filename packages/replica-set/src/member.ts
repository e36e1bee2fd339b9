/** The program of one member, in a thread or a process of its own: told what to do by its host's messages. */
import { createServer, type Socket } from 'node:net';
import { parentPort, workerData } from 'node:worker_threads';
import { serveConnection } from './connection.ts';
import { type FaultSettings, Faults } from './faults.ts';
import { fileErrorOf } from './file-format.ts';
import type { MemberAddress, MemberConfig } from './member-config.ts';
import { MemberState } from './member-state.ts';
import { found, type Membership, readMembership } from './membership.ts';
import type { Role } from './standing.ts';

/** `start` comes first and once. */
export type MemberOrder =
  | { readonly kind: 'start'; readonly config: MemberConfig; readonly faults: FaultSettings }
  /** To a new file of a new set; answered by `founded`. */
  | { readonly kind: 'found'; readonly members: number }
  /** `blank` is true for a member that lost its file. */
  | {
      readonly kind: 'join';
      readonly addresses: readonly MemberAddress[];
      readonly blank: boolean;
    }
  /** Answered by `suffering` of the same number. */
  | { readonly kind: 'suffer'; readonly faults: FaultSettings; readonly number: number }
  /** To a thread: stands still, and reports it, for as long as `gate` holds 1. */
  | { readonly kind: 'freeze'; readonly gate: Int32Array }
  | { readonly kind: 'stop' };

export type MemberReport =
  | { readonly kind: 'listening'; readonly port: number; readonly membership: Membership }
  | { readonly kind: 'founded' }
  | { readonly kind: 'role'; readonly role: Role; readonly term: number }
  | { readonly kind: 'failed'; readonly code: string; readonly message: string }
  | { readonly kind: 'suffering'; readonly number: number }
  | { readonly kind: 'frozen' }
  | { readonly kind: 'stopped' };

/** The way to the host and back. */
interface HostLine {
  readonly report: (report: MemberReport) => void;
  /** Calls `follow` with every order. */
  readonly listen: (follow: (order: MemberOrder) => void) => void;
  /** Ends the line, and with it the program. */
  readonly close: () => void;
}

function runMember(line: HostLine): void {
  let member: RunningMember | undefined;
  line.listen((order) => {
    if (order.kind === 'start') {
      member = startMember(order.config, new Faults(order.faults), line);
      return;
    }
    if (order.kind === 'found') member?.found(order.members);
    else if (order.kind === 'join') member?.join(order);
    else if (order.kind === 'stop') member?.stop();
    else if (order.kind === 'suffer') {
      member?.faults.change(order.faults);
      line.report({ kind: 'suffering', number: order.number });
    } else {
      line.report({ kind: 'frozen' });
      Atomics.wait(order.gate, 0, 1);
    }
  });
}

interface RunningMember {
  readonly faults: Faults;
  found(members: number): void;
  join(order: { addresses: readonly MemberAddress[]; blank: boolean }): void;
  stop(): void;
}

/** Nothing when the member cannot start, of which the host has been told then. */
function startMember(
  config: MemberConfig,
  faults: Faults,
  { report, close }: HostLine,
): RunningMember | undefined {
  const fail = (error: Error & { code?: string; errstr?: string }): void => {
    const locked = error.errstr === 'database is locked';
    report({
      kind: 'failed',
      code: locked ? 'LOCKED' : (error.code ?? ''),
      message: error.message,
    });
    close();
  };
  let state: MemberState;
  let damaged = false;
  const stop = (): void => {
    server.close();
    for (const socket of sockets) socket.destroy();
    state.close();
  };
  try {
    state = new MemberState(
      config,
      faults,
      (role, term) => report({ kind: 'role', role, term }),
      (error) => {
        if (damaged) return;
        damaged = true;
        // Those who met the damage are told of it first.
        setImmediate(() => {
          stop();
          fail(error);
        });
      },
    );
  } catch (error) {
    fail(fileErrorOf(error, config.file) ?? (error as Error));
    return undefined;
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
    const port = typeof address === 'object' && address ? address.port : 0;
    report({ kind: 'listening', port, membership: readMembership(state.file) });
  });
  return {
    faults,
    found(members) {
      found(state.file, members);
      report({ kind: 'founded' });
    },
    join({ addresses, blank }) {
      state.addresses = addresses;
      state.replica.start(addresses, { blank });
    },
    stop() {
      stop();
      report({ kind: 'stopped' });
      close();
    },
  };
}

function lineOfThread(port: NonNullable<typeof parentPort>): HostLine {
  return {
    report: (report) => port.postMessage(report),
    listen: (follow) => port.on('message', follow),
    close: () => port.close(),
  };
}

function lineOfProcess(): HostLine {
  // An interrupt from the keyboard goes to every process: it is for the host to say what happens.
  process.on('SIGINT', () => {});
  process.on('disconnect', () => process.exit());
  return {
    report: (report) => process.send?.(report, undefined, {}, () => {}),
    listen: (follow) => process.on('message', (order) => follow(order as MemberOrder)),
    close: () => process.disconnect(),
  };
}

if (parentPort !== null && workerData === 'member') runMember(lineOfThread(parentPort));
else if (process.send !== undefined && process.argv[2] === 'member') runMember(lineOfProcess());
