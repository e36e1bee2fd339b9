/** Loads the program of a member with Node's compile cache, which halves the time until it runs. */
import { enableCompileCache } from 'node:module';

enableCompileCache();
await import('./member.ts');
