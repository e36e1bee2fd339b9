import { MongoProxyError } from '@holdfast/mongo-proxy';
import { MongoNetworkError, MongoServerSelectionError } from 'mongodb';

/** What a socket says when its other end is gone; the driver passes some of these on as they are. */
const brokenSocket = ['EPIPE', 'ECONNRESET', 'ECONNREFUSED', 'ETIMEDOUT'];

/** Whether an error says that the database could not be reached, so that trying later may help. */
export function isDatabaseAway(error: unknown): boolean {
  if (error instanceof MongoProxyError || error instanceof MongoNetworkError) return true;
  if (error instanceof MongoServerSelectionError) return true;
  return error instanceof Error && 'code' in error && brokenSocket.includes(String(error.code));
}
