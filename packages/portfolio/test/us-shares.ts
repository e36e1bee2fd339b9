import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The bytes of twenty US shares' prices, 2 January 1990 to 28 December 2022. */
export const usShares: Uint8Array = readFileSync(
  join(import.meta.dirname, '../../../data/prices-us-20.csv'),
);
