import type { MongoClient } from 'mongodb';

interface ServerInside {
  s: { description: object };
}

interface ClientInside {
  topology: { selectServer(...args: unknown[]): Promise<ServerInside> };
}

/**
 * Lets a connected client take the member it selects next for one of unknown kind, until the next
 * turn of the event loop. In an election this happens by itself, when another operation's failure
 * arrives between the selection of a member and the sending; the driver then omits the number.
 */
export function makeKindUnknownOnce(client: MongoClient): void {
  const { topology } = client as unknown as ClientInside;
  const select = topology.selectServer.bind(topology);
  topology.selectServer = async (...args) => {
    topology.selectServer = select;
    const server = await select(...args);
    const { description } = server.s;
    server.s.description = Object.create(description, {
      logicalSessionTimeoutMinutes: { value: null },
    });
    setImmediate(() => {
      server.s.description = description;
    });
    return server;
  };
}
