/** What a protected client has been through so far; rises only. */
export interface Counts {
  /** Operations begun; a bulk write counts once for each command it is made of. */
  operations: number;
  /** Attempts repeated. */
  retries: number;
  /** Operations that ended because patience did. */
  exhausted: number;
  /** Writes of which nobody can say whether they were applied. */
  outcomeUnknown: number;
  /** Cursors and change streams that went on after their connection or member was lost. */
  resumed: number;
}

export const noCounts = (): Counts => ({
  operations: 0,
  retries: 0,
  exhausted: 0,
  outcomeUnknown: 0,
  resumed: 0,
});
