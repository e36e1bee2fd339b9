import { z } from 'zod';
import type { Settings } from './api.ts';

/** What the user may set; anything else is refused. */
export const settingsShape: z.ZodType<Settings> = z.strictObject({
  columns: z.int().min(12).max(60),
});

/** The reader's width before anybody chose one. */
export const defaultSettings: Settings = { columns: 25 };
