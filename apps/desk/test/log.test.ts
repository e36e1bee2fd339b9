import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import { openLog, withoutPasswords } from '../src/log.ts';

function logged(isTTY: boolean, environment: NodeJS.ProcessEnv = {}) {
  const stream = Object.assign(new PassThrough(), { isTTY });
  return { log: openLog(stream, environment), text: () => `${stream.read() ?? ''}` };
}

test('writes JSON off a terminal and hides what is secret', () => {
  const { log, text } = logged(false);
  log.info(
    {
      authorization: 'OAuth abc',
      auth: { consumerSecret: 'abc', tokenSecret: 'abc', consumerKey: 'known' },
      uri: 'mongodb://me:abc@host/',
    },
    'connected',
  );
  const line = text();
  expect(JSON.parse(line)).toMatchObject({ level: 'info', msg: 'connected' });
  expect(line).not.toContain('abc');
  expect(line).toContain('known');
  expect(line).toContain('mongodb://me:(hidden)@host/');
});

test('says little on a terminal, in words', () => {
  const { log, text } = logged(true);
  log.info('all is well');
  log.warn({ err: new Error('no route to host') }, 'the stream broke off');
  expect(text()).toBe('holdfast: warn: the stream broke off: no route to host\n');
});

test('says more when asked to', () => {
  const { log, text } = logged(false, { HOLDFAST_LOG: 'debug' });
  log.debug('detail');
  expect(text()).toContain('detail');
});

test.each([
  { text: 'mongodb://a:b@c', safe: 'mongodb://a:(hidden)@c' },
  { text: 'see mongodb+srv://a:b%40c@d/e and x', safe: 'see mongodb+srv://a:(hidden)@d/e and x' },
  { text: 'mongodb://127.0.0.1:27017/', safe: 'mongodb://127.0.0.1:27017/' },
])('shows $text as $safe', ({ text, safe }) => {
  expect(withoutPasswords(text)).toBe(safe);
});
