import { recordSitesSource } from './record-sites.ts';
import { textKernelSource } from './text-kernel.ts';

/** The files in `src/` that are built from here, by their names. */
export function builtFiles(): Readonly<Record<string, string>> {
  return {
    'record-sites.ts': recordSitesSource(),
    'text-kernel-bytes.ts': textKernelSource(),
  };
}
