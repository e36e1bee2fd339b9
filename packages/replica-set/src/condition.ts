/** A place to wait until something that may have changed is so. */
export class Condition {
  #waiters = new Set<() => void>();

  /** Lets every waiter look again. */
  notify(): void {
    for (const look of [...this.#waiters]) look();
  }

  /**
   * Resolves to true once `holds` does, to false after `milliseconds`; at once
   * when it already holds. Rejects with what `holds` throws.
   */
  until(holds: () => boolean, milliseconds: number = Number.POSITIVE_INFINITY): Promise<boolean> {
    return new Promise((resolve, reject) => {
      let timer: NodeJS.Timeout | undefined;
      const settle = (finish: () => void): void => {
        this.#waiters.delete(look);
        clearTimeout(timer);
        finish();
      };
      const look = (): void => {
        try {
          if (holds()) settle(() => resolve(true));
        } catch (error) {
          settle(() => reject(error));
        }
      };
      this.#waiters.add(look);
      if (milliseconds < 2 ** 31) {
        timer = setTimeout(() => settle(() => resolve(false)), milliseconds);
      }
      look();
    });
  }
}
