import { isRecord, type JsonRecord, numberIn, recordIn, textIn } from './json-record.ts';
import { connectionLimitCode, type Post, type StreamMessage } from './stream-message.ts';

/** What a v1.1 post links to when the service is Twitter's own. */
const postPage = 'https://twitter.com/';

/**
 * The message that a line of a v1.1 stream holds.
 *
 * Never throws: a line that is no JSON, or of a kind that is not known, becomes
 * 'unknown'. `linked` says whether posts can be read at twitter.com.
 */
export function decodeTwitterLine(line: string, linked: boolean): StreamMessage {
  let raw: unknown;
  try {
    raw = JSON.parse(line);
  } catch {
    return plainLine(line);
  }
  if (!isRecord(raw)) return { kind: 'unknown', text: line, raw };
  return postMessage(raw, linked) ?? systemMessage(raw) ?? { kind: 'unknown', text: line, raw };
}

function plainLine(text: string): StreamMessage {
  return /^exceeded connection limit/i.test(text)
    ? { kind: 'warning', code: connectionLimitCode, text }
    : { kind: 'unknown', text };
}

function postMessage(raw: JsonRecord, linked: boolean): StreamMessage | undefined {
  const id = textIn(raw, 'id_str');
  const user = recordIn(raw, 'user');
  const handle = user && textIn(user, 'screen_name');
  const createdAt = timeOf(raw);
  if (id === undefined || user === undefined || handle === undefined) return undefined;
  if (createdAt === undefined) return undefined;
  const authorId = textIn(user, 'id_str');
  const lang = textIn(raw, 'lang');
  const post: Post = {
    id,
    author: {
      ...(authorId === undefined ? {} : { id: authorId }),
      name: textIn(user, 'name') ?? handle,
      handle,
    },
    text: wholeText(raw),
    ...(lang === undefined ? {} : { lang }),
    createdAt,
    ...(linked ? { url: `${postPage}${handle}/status/${id}` } : {}),
    raw,
  };
  return { kind: 'post', post };
}

function wholeText(raw: JsonRecord): string {
  const extended = raw.truncated === true ? recordIn(raw, 'extended_tweet') : undefined;
  return (extended && textIn(extended, 'full_text')) ?? textIn(raw, 'text') ?? '';
}

function timeOf(raw: JsonRecord): Date | undefined {
  const time = Number(textIn(raw, 'timestamp_ms') ?? Date.parse(textIn(raw, 'created_at') ?? ''));
  const date = new Date(time);
  return Number.isNaN(date.getTime()) ? undefined : date;
}

/** Deletions and their like, and what the service says about the stream itself. */
function systemMessage(raw: JsonRecord): StreamMessage | undefined {
  for (const [field, decode] of Object.entries(systemMessages)) {
    const body = recordIn(raw, field);
    if (body !== undefined) return decode(body);
  }
  return undefined;
}

const systemMessages: Readonly<Record<string, (body: JsonRecord) => StreamMessage | undefined>> = {
  delete(body) {
    const status = recordIn(body, 'status');
    const id = status && textIn(status, 'id_str');
    const userId = status && textIn(status, 'user_id_str');
    if (id === undefined) return undefined;
    return { kind: 'delete', id, ...(userId === undefined ? {} : { userId }) };
  },
  scrub_geo(body) {
    const userId = textIn(body, 'user_id_str');
    const upToId = textIn(body, 'up_to_status_id_str');
    if (userId === undefined || upToId === undefined) return undefined;
    return { kind: 'scrub-geo', userId, upToId };
  },
  status_withheld(body) {
    const id = textIn(body, 'id_str') ?? textIn(body, 'id');
    const userId = textIn(body, 'user_id_str') ?? textIn(body, 'user_id');
    if (id === undefined || userId === undefined) return undefined;
    return { kind: 'withheld', id, userId, countries: countriesOf(body) };
  },
  user_withheld(body) {
    const userId = textIn(body, 'id_str') ?? textIn(body, 'id');
    if (userId === undefined) return undefined;
    return { kind: 'withheld', userId, countries: countriesOf(body) };
  },
  limit: (body) => ({ kind: 'limit', undelivered: numberIn(body, 'track') }),
  disconnect: (body) => ({
    kind: 'disconnect',
    code: numberIn(body, 'code'),
    reason: textIn(body, 'reason') ?? '',
  }),
  warning: (body) => ({
    kind: 'warning',
    code: textIn(body, 'code') ?? '',
    text: textIn(body, 'message') ?? '',
  }),
};

function countriesOf(body: JsonRecord): readonly string[] {
  const countries = body.withheld_in_countries;
  return Array.isArray(countries) ? countries.filter((each) => typeof each === 'string') : [];
}
