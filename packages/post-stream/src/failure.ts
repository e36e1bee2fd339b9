/**
 * How one connection came to its end, or why there was none.
 *
 * 'network': it could not be made, `code` being the system's (`ECONNREFUSED`);
 * 'http': it was answered by another status than 200, `retryAfter` being the wait
 * in ms that the service asked for; 'dropped': it was established and ended;
 * 'stalled': it was established and fell silent; 'disconnect': the service said
 * that it ends it; 'connection-limit': it said that there are too many.
 */
export type Failure =
  | { readonly cause: 'network'; readonly code: string }
  | { readonly cause: 'http'; readonly status: number; readonly retryAfter?: number }
  | { readonly cause: 'dropped' }
  | { readonly cause: 'stalled' }
  | { readonly cause: 'disconnect'; readonly code: number }
  | { readonly cause: 'connection-limit' };
