/**
 * An attempt that was given up while the driver still waits for its answer.
 *
 * Seen only among the `attempts` of other errors: the attempt was repeated, or patience had ended.
 */
export class UnansweredError extends Error {
  override readonly name = 'UnansweredError';
}
