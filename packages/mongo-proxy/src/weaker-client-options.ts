import type { MongoClientOptions, WriteConcernSettings } from 'mongodb';
import { safeClientOptions } from './safe-client-options.ts';

/** What may be given up, and the sentence that says so: it is found by a search of the code. */
const sentences = {
  /** Nobody answers: a write that failed, or never arrived, looks like one that did not. */
  unacknowledged: 'I can lose these writes',
  /** One member answers: its fail-over takes back what the others had not got yet. */
  unreplicated: 'A fail-over can undo these writes',
  /** Answered from memory, before the journal is on the disk. */
  unjournaled: 'A power cut can undo these writes',
  /** Reads show what one member has, before a majority has it. */
  uncommittedReads: 'I can read what a fail-over undoes',
} as const;

/** Consents: for each thing that is given up, its sentence, word for word. */
export type WeakerConsents = { readonly [K in keyof typeof sentences]?: (typeof sentences)[K] };

/**
 * Options that give up exactly what is consented to; all else is as in `safeClientOptions`.
 *
 * - `unacknowledged`: `w: 0`
 * - `unreplicated`: `w: 1`, journalled
 * - `unjournaled`: `journal: false`; a majority still has it, in memory, unless `unreplicated` too
 * - `uncommittedReads`: read concern `local`
 *
 * @throws {TypeError} for a sentence that is missing or another one, an unknown name, no consent at
 *   all, and `unacknowledged` beside `unreplicated` or `unjournaled`, which would wait for an answer
 * @example
 * const options = weakerClientOptions({ unacknowledged: 'I can lose these writes' });
 * const metrics = new MongoClient(uri, options);
 */
export function weakerClientOptions(consents: WeakerConsents): MongoClientOptions {
  const names = Object.keys(consents);
  if (names.length === 0) {
    throw new TypeError('nothing is consented to: use safeClientOptions');
  }
  for (const name of names) requireSentence(name, Reflect.get(consents, name));
  const has = (name: keyof WeakerConsents) => consents[name] !== undefined;
  const waiting = (['unreplicated', 'unjournaled'] as const).find(has);
  if (has('unacknowledged') && waiting !== undefined) {
    throw new TypeError(
      `unacknowledged and ${waiting} contradict each other: nobody answers such a write, so there is nothing more to give up`,
    );
  }
  const writeConcern: WriteConcernSettings = has('unacknowledged')
    ? { w: 0 }
    : Object.assign(
        {},
        safeClientOptions.writeConcern,
        has('unreplicated') && { w: 1 },
        has('unjournaled') && { journal: false },
      );
  return {
    ...safeClientOptions,
    writeConcern,
    ...(has('uncommittedReads') && { readConcern: { level: 'local' } }),
  };
}

function requireSentence(name: string, given: unknown): void {
  if (!Object.hasOwn(sentences, name)) {
    throw new TypeError(
      `there is no consent '${name}': the names are ${Object.keys(sentences).join(', ')}`,
    );
  }
  const due = sentences[name as keyof typeof sentences];
  if (given === due) return;
  throw new TypeError(`${name} takes the sentence '${due}', not ${JSON.stringify(given)}`);
}
