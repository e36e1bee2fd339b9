/** A command that was run for the user ended with this code, and so does `holdfast`; not an error. */
export class CommandEnded extends Error {
  override readonly name = 'CommandEnded';
  readonly code: number;

  constructor(code: number) {
    super(`the command ended with code ${code}`);
    this.code = code;
  }
}
