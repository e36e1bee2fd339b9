import type { Settings } from '../api.ts';
import { defaultSettings } from '../settings.ts';
import type { Store } from './store.ts';

/** What the user has set, or the defaults. */
export async function readSettings({ settings }: Store): Promise<Settings> {
  return (await settings.findOne({ _id: 'page' }))?.values ?? defaultSettings;
}

/** Resolves when the settings are stored on a majority of the members. */
export async function saveSettings({ settings }: Store, values: Settings): Promise<Settings> {
  await settings.replaceOne({ _id: 'page' }, { schema: 1, values }, { upsert: true });
  return values;
}
