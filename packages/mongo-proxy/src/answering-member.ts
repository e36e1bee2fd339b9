import { AsyncLocalStorage } from 'node:async_hooks';
import type { ConnectionCheckOutStartedEvent, MongoClient, TopologyDescription } from 'mongodb';

/** The member that a read went to last, and what the client knew of all members at that moment. */
export interface Contact {
  readonly address: string;
  readonly topology: TopologyDescription | undefined;
}

/**
 * Told of each member that is turned to while `run` runs, in whatever it awaits too.
 *
 * The driver tells nobody which member answered, but asks the pool of the member it has chosen for
 * a connection, and says so at once, in the caller's asynchronous context.
 */
export function observeContacts<T>(
  client: MongoClient,
  onContact: (contact: Contact) => void,
  run: () => T,
): T {
  listenTo(client);
  return listeners.run(onContact, run);
}

const listeners = new AsyncLocalStorage<(contact: Contact) => void>();
const heard = new WeakSet<MongoClient>();

function listenTo(client: MongoClient): void {
  if (heard.has(client)) return;
  heard.add(client);
  client.on('connectionCheckOutStarted', ({ address }: ConnectionCheckOutStartedEvent) => {
    listeners.getStore()?.({ address, topology: topologyOf(client) });
  });
}

/** Not in the driver's published types; its events tell of changes of kind, not of each heartbeat. */
function topologyOf(client: MongoClient): TopologyDescription | undefined {
  const { topology } = client as unknown as { topology?: { description: TopologyDescription } };
  return topology?.description;
}
