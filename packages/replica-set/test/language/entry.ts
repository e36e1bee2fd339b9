/** How a name of MongoDB's language stands here. */
export interface LanguageEntry {
  readonly name: string;
  /** `right`: as in MongoDB 8.0. `refused`: by name, with `code`. `differs`: in what `how` says. */
  readonly is: 'right' | 'refused' | 'differs';
  readonly how?: string;
  readonly code?: number;
}

export function right(...names: readonly string[]): LanguageEntry[] {
  return names.map((name) => ({ name, is: 'right' }));
}

export function refused(code: number, ...names: readonly string[]): LanguageEntry[] {
  return names.map((name) => ({ name, is: 'refused', code }));
}

export function differs(name: string, how: string): LanguageEntry {
  return { name, is: 'differs', how };
}
