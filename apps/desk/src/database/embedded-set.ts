import { join } from 'node:path';
import { ReplicaSet } from '@holdfast/replica-set';
import { fileTrouble } from './file-trouble.ts';

/** The embedded database while it runs. */
export interface EmbeddedSet {
  /** Where it listens, on 127.0.0.1. */
  readonly port: number;
  stop(): Promise<void>;
}

export interface EmbeddedSetOptions {
  /** The data directory of the desk. */
  readonly directory: string;
  /** 0 takes a free one. */
  readonly port: number;
  readonly user: string;
  readonly password: string;
}

/** Starts the database of a data directory: one member, its files under `database/`. */
export async function startEmbeddedSet({
  directory,
  port,
  user,
  password,
}: EmbeddedSetOptions): Promise<EmbeddedSet> {
  const set = await ReplicaSet.start({
    members: 1,
    port,
    dataDir: join(directory, 'database'),
    user: { name: user, password },
  }).catch((error: Error) => {
    throw fileTrouble(error);
  });
  return { port: set.primary.port, stop: () => set.stop() };
}

/** The address of an embedded set, credential included. */
export function embeddedUri({
  port,
  user,
  password,
}: Omit<EmbeddedSetOptions, 'directory'>): string {
  const credential = `${encodeURIComponent(user)}:${encodeURIComponent(password)}`;
  return `mongodb://${credential}@127.0.0.1:${port}/?replicaSet=rs0&authSource=admin`;
}
