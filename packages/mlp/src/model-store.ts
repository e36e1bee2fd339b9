import type { MLP } from './mlp.ts';

/** Where nets are saved: the file system in Node, nowhere in a browser. */
export interface ModelStore {
  save(model: MLP, path: string): void;
  /** The whole path of a path. */
  resolve(path: string): string;
}

let store: ModelStore | undefined;

/** Says where nets are saved from now on. `model-file.node.ts` does so when it is imported. */
export function useModelStore(given: ModelStore): void {
  store = given;
}

/**
 * Where nets are saved.
 *
 * @throws {TypeError} in a browser
 */
export function modelStore(): ModelStore {
  if (store !== undefined) return store;
  throw new TypeError('nets cannot be saved to files here: use storeBestModel and encodeModel');
}
