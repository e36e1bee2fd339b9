/** A name of MongoDB's language, and how this server has it. */
export interface LanguageEntry {
  readonly name: string;
  readonly is: 'right' | 'refused' | 'differs';
  /** In what it differs, in a short sentence. */
  readonly how?: string;
  /** The code with which it is refused. */
  readonly code?: number;
}
