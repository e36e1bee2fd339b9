/** A message that the simulator made. */
export interface ProducedMessage {
  /** Counts from 1. */
  readonly n: number;
  readonly kind: 'post' | 'delete';
  /** Of the post, also where the message is its deletion. */
  readonly id: string;
  /** When it was made, in ms since 1970. */
  readonly at: number;
  /** Whether it is something the client asked for; what nobody has asked for yet counts as wanted. */
  readonly wanted: boolean;
  /** Whether at least its first byte was handed to a connection. */
  readonly sent: boolean;
}

/** A post whose sending has begun. */
export interface SentPost {
  /** Counts from 1, in the order of sending. */
  readonly n: number;
  readonly id: string;
  /** When, in ms since 1970. */
  readonly at: number;
}

/** The numbers since the start. */
export interface ProducedCounts {
  readonly produced: number;
  /** Posts whose sending has begun. */
  readonly sent: number;
  /** Posts that were wanted and of which nothing was sent. */
  readonly missed: number;
}

type Entry = { -readonly [Field in keyof ProducedMessage]: ProducedMessage[Field] };

/** What was made and what was sent: the last `remember` of each, the counts for all. */
export class ProducedLog {
  readonly #remember: number;
  readonly #onSent: ((post: SentPost) => void) | undefined;
  readonly #produced: Entry[] = [];
  readonly #sent: SentPost[] = [];
  readonly #counts = { produced: 0, sent: 0, missed: 0 };

  constructor(remember: number, onSent?: (post: SentPost) => void) {
    this.#remember = remember;
    this.#onSent = onSent;
  }

  get produced(): readonly ProducedMessage[] {
    return this.#produced;
  }

  get sent(): readonly SentPost[] {
    return this.#sent;
  }

  get counts(): ProducedCounts {
    return { ...this.#counts };
  }

  /** Notes a message; what it returns is to be called whenever its sending begins somewhere. */
  add(
    kind: 'post' | 'delete',
    id: string,
    timestamp: string,
    wanted: boolean,
  ): (now: number) => void {
    this.#counts.produced += 1;
    const at = Number(timestamp);
    const entry: Entry = { n: this.#counts.produced, kind, id, at, wanted, sent: false };
    this.#keep(this.#produced, entry);
    const isMissing = kind === 'post' && wanted;
    if (isMissing) this.#counts.missed += 1;
    return (now) => {
      if (entry.sent) return;
      entry.sent = true;
      if (isMissing) this.#counts.missed -= 1;
      if (kind === 'delete') return;
      this.#counts.sent += 1;
      const post = { n: this.#counts.sent, id, at: now };
      this.#keep(this.#sent, post);
      this.#onSent?.(post);
    };
  }

  #keep<T>(list: T[], item: T): void {
    list.push(item);
    // Some at a time, as taking from the front costs as much as the list is long.
    if (list.length > this.#remember * 1.25) list.splice(0, list.length - this.#remember);
  }
}
