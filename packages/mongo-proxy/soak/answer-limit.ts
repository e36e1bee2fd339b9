/** No answer came, neither a result nor an error. */
export class UnansweredError extends Error {
  override readonly name = 'UnansweredError';
}

/** Waits for an operation's answer, but no longer than `milliseconds`: then an `UnansweredError`. */
export async function answered<T>(operation: Promise<T>, milliseconds: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const silence = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new UnansweredError(`no answer in ${milliseconds} ms`)),
      milliseconds,
    );
  });
  try {
    return await Promise.race([operation, silence]);
  } finally {
    clearTimeout(timer);
    operation.catch(() => {});
  }
}
