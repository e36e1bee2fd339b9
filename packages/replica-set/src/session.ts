/** What the server knows of one connection. */
import { type BsonDocument, isDocument } from './bson-document.ts';
import type { Scram } from './scram.ts';

export interface Session {
  readonly id: number;
  /** The client's host and port. */
  readonly address: string;
  /** The user that has shown who it is. */
  user: string | undefined;
  scram: Scram | undefined;
  /** The conversation ends with the server's proof. */
  skipsEmptyExchange: boolean;
  appName: string;
  /** True once the connection is to be cut instead of the next reply. */
  cut?: boolean;
}

/** Takes what a client's handshake says of it, before anything can fail the handshake. */
export function noteClient(session: Session, command: BsonDocument): void {
  const client = command.get('client');
  const application = isDocument(client) ? client.get('application') : undefined;
  if (isDocument(application)) session.appName = String(application.get('name'));
}
