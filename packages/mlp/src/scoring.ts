/** How often a net was right. */
export interface Score {
  readonly correct: number;
  readonly total: number;
}
