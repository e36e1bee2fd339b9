import {
  ReadConcern,
  type ReadConcernLevel,
  ReadPreference,
  type ReadPreferenceMode,
  type TagSet,
} from 'mongodb';

/** How new an answer has to be; `fresh` tells what each of them promises. */
export type Freshness =
  | 'latest'
  | 'own-writes'
  | 'any'
  | {
      /** A whole number: at least 90, and at least 10 more than the seconds between heartbeats. */
      readonly maxStalenessSeconds: number;
    };

/** Which members may answer. */
export interface FreshOptions {
  /** Instead of the mode that the freshness brings. */
  readonly readPreference?: ReadPreferenceMode;
  /** In order: the first set that any member has all tags of decides. Never with `primary`. */
  readonly tags?: readonly TagSet[];
}

/** What a freshness means to the driver. */
export interface ReadPlan {
  readonly readPreference: ReadPreference;
  /** Undefined where the collection's own one stays. */
  readonly readConcern: ReadConcern | undefined;
  /** Milliseconds for a read that is given no limit of its own. */
  readonly maxTimeMS: number | undefined;
  readonly awaitsOwnWrites: boolean;
}

interface Meaning {
  readonly mode: ReadPreferenceMode;
  readonly level?: ReadConcernLevel;
  readonly maxTimeMS?: number;
  readonly maxStalenessSeconds?: number;
}

const meanings: Readonly<Record<'latest' | 'own-writes' | 'any', Meaning>> = {
  // A primary that lost its majority would wait for ever.
  latest: { mode: 'primary', level: 'linearizable', maxTimeMS: 10_000 },
  // Both halves of the guarantee: without majority a fail-over could take back what was seen.
  'own-writes': { mode: 'primaryPreferred', level: 'majority' },
  // Not `available`: on a sharded cluster that one also shows documents that moved away.
  any: { mode: 'nearest', level: 'local' },
};

const modes: readonly string[] = [
  'primary',
  'primaryPreferred',
  'secondary',
  'secondaryPreferred',
  'nearest',
] satisfies ReadPreferenceMode[];

/** MongoDB's own floors (max-staleness.md): seconds, and milliseconds above a heartbeat. */
const leastStaleness = 90;
const idleWritePeriod = 10_000;

/**
 * Translates a freshness, and refuses what contradicts itself.
 *
 * @throws {TypeError} for an unknown freshness or mode, and a mix that no server could serve
 * @throws {RangeError} for a staleness below what servers can tell apart
 */
export function planRead(
  freshness: Freshness,
  { readPreference, tags }: FreshOptions,
  heartbeatFrequencyMS: number,
): ReadPlan {
  const meaning = meaningOf(freshness, heartbeatFrequencyMS);
  const { level, maxTimeMS, maxStalenessSeconds } = meaning;
  const mode = readPreference ?? meaning.mode;
  if (!modes.includes(mode)) {
    throw new TypeError(`readPreference is one of ${modes.join(', ')}, not ${String(mode)}`);
  }
  if (freshness === 'latest' && mode !== 'primary') {
    throw new TypeError(
      `readPreference '${mode}' cannot go with 'latest': only the primary knows the latest`,
    );
  }
  if (tags !== undefined) requireTags(tags);
  const isTagged = tags !== undefined && tags.length > 0;
  if (mode === 'primary' && isTagged) {
    throw new TypeError(
      "tags cannot go with readPreference 'primary': there is one primary, whatever its tags",
    );
  }
  if (mode === 'primary' && maxStalenessSeconds !== undefined) {
    throw new TypeError(
      "maxStalenessSeconds cannot go with readPreference 'primary': a primary is never stale; ask for 'latest' or 'own-writes'",
    );
  }
  return {
    readPreference: new ReadPreference(
      mode,
      isTagged ? tags.map((tag) => ({ ...tag })) : undefined,
      maxStalenessSeconds === undefined ? {} : { maxStalenessSeconds },
    ),
    readConcern: level === undefined ? undefined : new ReadConcern(level),
    maxTimeMS,
    awaitsOwnWrites: freshness === 'own-writes',
  };
}

function meaningOf(freshness: Freshness, heartbeatFrequencyMS: number): Meaning {
  if (typeof freshness === 'string' && Object.hasOwn(meanings, freshness)) {
    return meanings[freshness];
  }
  const seconds: unknown = (freshness as { maxStalenessSeconds?: unknown } | null)
    ?.maxStalenessSeconds;
  if (seconds === undefined) {
    throw new TypeError(
      `freshness is 'latest', 'own-writes', 'any' or { maxStalenessSeconds }, not ${String(freshness)}`,
    );
  }
  const least = Math.max(leastStaleness, (heartbeatFrequencyMS + idleWritePeriod) / 1000);
  if (typeof seconds !== 'number' || !Number.isSafeInteger(seconds) || seconds < least) {
    throw new RangeError(
      `maxStalenessSeconds is a whole number of at least ${least} (90, and the heartbeat of ${heartbeatFrequencyMS} ms and 10 s), not ${String(seconds)}`,
    );
  }
  return { mode: 'secondaryPreferred', maxStalenessSeconds: seconds };
}

function requireTags(tags: unknown): void {
  const areTags =
    Array.isArray(tags) &&
    tags.every(
      (set: unknown) =>
        typeof set === 'object' &&
        set !== null &&
        !Array.isArray(set) &&
        Object.values(set).every((value) => typeof value === 'string'),
    );
  if (!areTags) {
    throw new TypeError("tags is a list of sets of strings, as [{ region: 'east' }, {}]");
  }
}
