import type { ClientSession } from 'mongodb';

/** What the driver's types leave out. */
type DriverSession = ClientSession & { readonly transaction: object };

const known = new WeakMap<object, ClientSession>();

/**
 * The session as its present transaction knows it: with this transaction and its number, whatever
 * the session itself begins later.
 *
 * The driver ends a transaction by what its session holds at the moment: a commit or an abort that
 * was given up, and is answered after the next transaction has begun, would call that one ended, so
 * that its writes are carried out outside of it, and might send its number.
 */
export function sessionOfTransaction(session: ClientSession): ClientSession {
  const { transaction, serverSession } = session as DriverSession;
  const made = known.get(transaction);
  if (made !== undefined) return made;
  const view = overlaid(session, {
    transaction,
    serverSession: overlaid(serverSession, { txnNumber: serverSession.txnNumber }),
    txnNumberIncrement: 0,
    commitAttempted: false,
  });
  known.set(transaction, view);
  return view;
}

/** The object, but with some properties of its own. */
function overlaid<T extends object>(below: T, own: Record<PropertyKey, unknown>): T {
  return new Proxy(below, {
    get: (target, name, view) =>
      Object.hasOwn(own, name) ? own[name] : Reflect.get(target, name, view),
    set: (target, name, value) =>
      Object.hasOwn(own, name) ? Reflect.set(own, name, value) : Reflect.set(target, name, value),
  });
}
