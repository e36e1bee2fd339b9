import type { MongoOptions } from 'mongodb';

/** The settings of a client that decide what becomes of its reads and writes. */
export type SafetySettings = Pick<
  Partial<MongoOptions>,
  'readConcern' | 'retryReads' | 'retryWrites' | 'writeConcern'
>;

/**
 * Says of each setting that is weaker than `safeClientOptions` what it gives up.
 *
 * Takes a client's `options`. What was not set is the server's to decide and is not told of, and
 * neither are write concerns by tags, whose meaning only the server's configuration knows.
 */
export function weaknesses(settings: SafetySettings): string[] {
  const { readConcern, retryReads, retryWrites, writeConcern } = settings;
  const { w, journal } = writeConcern ?? {};
  const found: string[] = [];
  if (w === 0) found.push('w: 0: nobody answers writes, so a lost one is not noticed');
  if (w === 1) found.push('w: 1: a fail-over can undo acknowledged writes');
  if (typeof w === 'number' && w > 1) {
    found.push(
      `w: ${w}: a fail-over can undo acknowledged writes in a set of more than ${2 * w - 1} voting members`,
    );
  }
  if (journal === false && w !== 0) {
    found.push('journal: false: a power cut can undo acknowledged writes');
  }
  const level = readConcern?.level;
  if (level === 'local' || level === 'available') {
    found.push(`readConcern ${level}: reads can show what a fail-over undoes`);
  }
  if (retryWrites === false) {
    found.push('retryWrites: false: writes carry no number, so none is repeated after a failure');
  }
  if (retryReads === false) {
    found.push('retryReads: false: the driver repeats no read after a failure');
  }
  return found;
}
