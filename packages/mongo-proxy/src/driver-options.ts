import type { CallOptions } from './patience.ts';

// What every method of a protected client takes besides the driver's own options.
declare module 'mongodb' {
  interface OperationOptions extends CallOptions {}
  interface TransactionOptions extends CallOptions {}
}
