import type { ServerDescription, TopologyDescriptionChangedEvent } from 'mongodb';
import { UnansweredError } from './unanswered-error.ts';

/** Milliseconds an attempt gets to be answered after its member was lost, and another is there. */
const grace = { primary: 2_000, elsewhere: 10_000 };
/** Milliseconds between two looks at what is under way. */
const lookEvery = 100;

/** The part of a client that tells of its members. */
export interface Members {
  on(
    event: 'topologyDescriptionChanged',
    heard: (event: TopologyDescriptionChangedEvent) => void,
  ): unknown;
  on(event: 'connectionPoolCleared', heard: (event: { address: string }) => void): unknown;
}

/** Where an attempt is made: on the primary, or on a member that a read preference chose. */
export type Whereabouts = keyof typeof grace;

/** What is known of an attempt besides its outcome. */
export interface AttemptLimits {
  /** Default: the primary. */
  readonly where?: Whereabouts | undefined;
  /** By the client's clock: when its caller waits no longer for a primary to appear. */
  readonly deadline?: number;
  readonly signal?: AbortSignal | undefined;
}

interface Underway {
  readonly where: Whereabouts;
  readonly deadline: number;
  /** When the member it may have been sent to was lost. */
  suspectSince: number | undefined;
  readonly giveUp: (reason: Error) => void;
}

/**
 * Gives up attempts that nobody will answer.
 *
 * The driver waits for an answer as long as the connection stands: for some 40 seconds when a
 * primary freezes, and for ever when a command is written to a socket in the moment in which it
 * closes (`writeCommand` waits for a `drain` that never comes). So an attempt on the primary is
 * given up when the primary changed under it and the new one has been there for two seconds, and
 * when its time is over and there is none. To give up is safe wherever to repeat is: whatever is
 * repeated carries the number of the first sending. An attempt that a living member works on is
 * never given up, however long it takes.
 */
export class AttemptWatch {
  readonly #now: () => number;
  readonly #underway = new Set<Underway>();
  #primary: string | undefined;
  #primarySince = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(members: Members, now: () => number) {
    this.#now = now;
    members.on('topologyDescriptionChanged', ({ newDescription }) =>
      this.#see([...newDescription.servers.values()]),
    );
    members.on('connectionPoolCleared', ({ address }) =>
      this.#suspect(this.#primary?.startsWith(`${address} `) ? 'primary' : 'elsewhere'),
    );
  }

  /** The attempt's own outcome, or a failure once it has been given up. */
  guard<T>(attempt: Promise<T>, limits: AttemptLimits = {}): Promise<T> {
    const { where = 'primary', deadline = Number.POSITIVE_INFINITY, signal } = limits;
    return new Promise((resolve, reject) => {
      const end = (): void => {
        this.#underway.delete(underway);
        if (aborted) signal?.removeEventListener('abort', aborted);
      };
      const giveUp = (reason: Error): void => {
        end();
        reject(reason);
      };
      const aborted = signal && ((): void => giveUp(signal.reason as Error));
      if (aborted) signal.addEventListener('abort', aborted, { once: true });
      const underway: Underway = { where, deadline, suspectSince: undefined, giveUp };
      this.#underway.add(underway);
      this.#timer ??= setInterval(() => this.#look(), lookEvery).unref();
      attempt.then((result) => {
        end();
        resolve(result);
      }, giveUp);
    });
  }

  #see(members: readonly ServerDescription[]): void {
    const writable = members.find(({ type }) => writableTypes.has(type));
    const primary =
      writable && `${writable.address} ${writable.electionId ?? ''} ${writable.setVersion ?? ''}`;
    if (primary === this.#primary) return;
    if (this.#primary !== undefined) this.#suspect('primary');
    this.#primary = primary;
    this.#primarySince = this.#now();
  }

  #suspect(where: Whereabouts): void {
    const now = this.#now();
    for (const underway of this.#underway) {
      if (underway.where === where) underway.suspectSince ??= now;
    }
  }

  #look(): void {
    if (this.#underway.size === 0) {
      clearInterval(this.#timer);
      this.#timer = undefined;
      return;
    }
    const now = this.#now();
    const hasPrimary = this.#primary !== undefined;
    for (const { where, deadline, suspectSince, giveUp } of this.#underway) {
      if (!hasPrimary && now >= deadline) giveUp(new UnansweredError('no primary in time'));
      if (suspectSince === undefined || (where === 'primary' && !hasPrimary)) continue;
      const silence = now - Math.max(suspectSince, where === 'primary' ? this.#primarySince : 0);
      if (silence >= grace[where])
        giveUp(
          new UnansweredError(`no answer ${Math.round(silence)} ms after its member was lost`),
        );
    }
  }
}

const writableTypes = new Set(['RSPrimary', 'Mongos', 'Standalone', 'LoadBalancer']);
