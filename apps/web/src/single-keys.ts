const item = 'holdfast.single-keys';

/** Whether this browser's user wants single keys; they do until they say no. */
export function readSingleKeys(): boolean {
  try {
    return localStorage.getItem(item) !== 'off';
  } catch {
    return true; // Storage is barred, as in some private windows.
  }
}

export function rememberSingleKeys(on: boolean): void {
  try {
    localStorage.setItem(item, on ? 'on' : 'off');
  } catch {
    // Then the choice holds until the page is closed.
  }
}
