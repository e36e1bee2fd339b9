/** Loaded before a member's program: puts the bug that `HOLDFAST_PLANT` names into its source as it is read. */
import { registerHooks } from 'node:module';
import { planted, plants } from './plant.ts';

const name = process.env.HOLDFAST_PLANT ?? '';
const plant = plants[name];
if (plant === undefined) throw new RangeError(`there is no plant '${name}'`);
const target = new URL(`../src/${plant.file}`, import.meta.url).href;

registerHooks({
  load(url, context, nextLoad) {
    const loaded = nextLoad(url, context);
    if (url !== target) return loaded;
    return { ...loaded, source: planted(name, plant, String(loaded.source)) };
  },
});
