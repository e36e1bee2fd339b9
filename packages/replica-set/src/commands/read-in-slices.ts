/** Reading all of something for a command that keeps no cursor. */
import type { CommandContext } from '../command.ts';
import { type Flow, takeAll } from '../pause.ts';
import { ServerError } from '../server-error.ts';

/** Looks at every item, in slices; throws when the command is killed or its time or its transaction is over. */
export async function forEachInSlices<T>(
  { operation, transaction }: CommandContext,
  flow: Flow<T>,
  look: (item: T) => void,
): Promise<void> {
  const take = (item: T): boolean => {
    look(item);
    return false;
  };
  await takeAll(flow[Symbol.iterator](), take, () => {
    operation?.requireGoingOn();
    if (transaction?.isOver === true) {
      throw new ServerError(251, 'the transaction has ended while the command ran');
    }
  });
}
