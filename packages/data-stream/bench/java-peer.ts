import { execFileSync, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { PeerProcess } from './peer-process.ts';

/** Compiles the JDK's side and starts it; undefined where there is no JDK. */
export async function startJava(folder: string): Promise<PeerProcess | undefined> {
  if (spawnSync('javac', ['-version']).status !== 0) return undefined;
  execFileSync('javac', ['-d', folder, join(import.meta.dirname, 'JavaPeer.java')]);
  return PeerProcess.start('java', ['-XX:+UseSerialGC', '-Xmx2g', '-cp', folder, 'JavaPeer']);
}
