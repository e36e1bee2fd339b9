import { join } from 'node:path';

const root = join(import.meta.dirname, '../../..');

/** Real daily prices of 20 US shares, 1990 to 2022. */
export const bundledPrices: string = join(root, 'data/prices-us-20.csv');

/** The built page; absent until `npm run build -w apps/web` has run. */
export const builtPage: string = join(root, 'apps/web/dist');
