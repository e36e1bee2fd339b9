import type { IncomingHttpHeaders } from 'node:http';

/** Why a request is turned away. */
export interface Refusal {
  readonly status: 403 | 415;
  readonly error: string;
  readonly mend: string;
}

/** What the guard looks at. */
export interface GuardedRequest {
  readonly method: string;
  readonly headers: IncomingHttpHeaders;
}

/**
 * Turns away what another web site could make this browser send; null lets the request pass.
 *
 * `hosts` are the names under which the desk may be addressed: a page that points its own name at
 * this machine is refused. A request that changes something must come from the desk's own page or
 * from no page at all, and carry JSON, which no form can send. A request that only reads is
 * refused when the browser says that another site asked, unless it follows a link.
 */
export function refusal(
  { method, headers }: GuardedRequest,
  hosts: ReadonlySet<string>,
): Refusal | null {
  if (!hosts.has(hostName(headers.host))) {
    return {
      status: 403,
      error: `This desk does not answer to the name ${headers.host ?? '(none)'}.`,
      mend: `Use the address that holdfast start printed; it answers to ${[...hosts].join(', ')}.`,
    };
  }
  const changes = method !== 'GET' && method !== 'HEAD' && method !== 'OPTIONS';
  if (!comesFromHere(headers, changes)) {
    return {
      status: 403,
      error: 'This request comes from another site.',
      mend: 'Use the desk’s own page. A script sends the header Sec-Fetch-Site: none.',
    };
  }
  if (changes && !/^application\/json\s*(;|$)/i.test(headers['content-type'] ?? '')) {
    return {
      status: 415,
      error: 'Only JSON bodies are read.',
      mend: 'Send the header Content-Type: application/json.',
    };
  }
  return null;
}

function comesFromHere(headers: IncomingHttpHeaders, changes: boolean): boolean {
  const site = headers['sec-fetch-site'];
  if (site === undefined) {
    return headers.origin === undefined ? !changes : headers.origin === `http://${headers.host}`;
  }
  if (site === 'same-origin' || site === 'none') return true;
  // A link elsewhere may open the page; the site that holds the link cannot see it.
  const isLink =
    headers['sec-fetch-mode'] === 'navigate' && headers['sec-fetch-dest'] === 'document';
  return isLink && !changes;
}

function hostName(host: string | undefined): string {
  return (host ?? '').replace(/:\d*$/, '').toLowerCase();
}
