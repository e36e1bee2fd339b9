import { expect, test } from 'vitest';
import { oauth1Header } from '../src/index.ts';
import { hmacSha1, percentEncode, signatureBase } from '../src/oauth1.ts';

const twitter = {
  consumerKey: 'xvz1evFS4wEEPTGEFPHBog',
  consumerSecret: 'kAcSOqF21Fu85e7zjz7ZN2U4ZRhfV3WpwPAoE3Z7kBw',
  token: '370773112-GmHxMAgYyLbNEtIKZeRNFsMKPR9EyMZeS9weJAEb',
  tokenSecret: 'LswwdoUaIvS8ltyTt5jkRh4J50vUPVVHtR2YPi5kE',
};
const update = {
  method: 'POST',
  parameters: [
    ['include_entities', 'true'],
    ['status', 'Hello Ladies + Gentlemen, a signed OAuth request!'],
  ],
  credentials: twitter,
  nonce: 'kYjzVBB8Y0ZFabxSWbWovY3uYSQ2pTgmZeNu2VS4cg',
  timestamp: 1_318_622_958,
} as const;
const photos = { consumerKey: 'dpf43f3p2l4k3l03', consumerSecret: 'kd94hf93k423kf44' };
const photosToken = { ...photos, token: 'nnch734d00sl2jdk', tokenSecret: 'pfkkdhi9sl3r4s00' };
const vacation = [
  ['file', 'vacation.jpg'],
  ['size', 'original'],
] as const;

test.each([
  [
    'Twitter, version 1',
    { ...update, url: 'https://api.twitter.com/1/statuses/update.json' },
    'tnnArxj06cWHq44gCs1OSKk/jLY=',
  ],
  [
    'Twitter, version 1.1',
    { ...update, url: 'https://api.twitter.com/1.1/statuses/update.json' },
    'hCtSmYh+iHYCEqBWrE7C7hYmtUk=',
  ],
  [
    'X, version 1.1',
    { ...update, url: 'https://api.x.com/1.1/statuses/update.json' },
    'Ls93hJiZbQ3akF3HF3x1Bz8/zU4=',
  ],
  [
    'RFC 5849, temporary credentials',
    {
      method: 'POST',
      url: 'https://photos.example.net/initiate',
      parameters: [['oauth_callback', 'http://printer.example.com/ready']] as const,
      credentials: photos,
      nonce: 'wIjqoS',
      timestamp: 137_131_200,
      version: false,
    },
    '74KNZJeDHnMBp0EMJ9ZHt/XKycU=',
  ],
  [
    'RFC 5849, token credentials',
    {
      method: 'POST',
      url: 'https://photos.example.net/token',
      parameters: [['oauth_verifier', 'hfdp7dh39dks9884']] as const,
      credentials: { ...photos, token: 'hh5s93j4hdidpola', tokenSecret: 'hdhd0244k9j7ao03' },
      nonce: 'walatlh',
      timestamp: 137_131_201,
      version: false,
    },
    'gKgrFCywp7rO0OXSjdot/IHF7IU=',
  ],
  [
    'RFC 5849, a signed GET',
    {
      method: 'GET',
      url: 'http://photos.example.net/photos',
      parameters: vacation,
      credentials: photosToken,
      nonce: 'chapoH',
      timestamp: 137_131_202,
      version: false,
    },
    'MdpQcU8iPSUjWoN/UDMsK2sui9I=',
  ],
  [
    'RFC 5849, the same with a query in the url',
    {
      method: 'get',
      url: 'http://PHOTOS.example.net:80/photos?size=original&file=vacation.jpg#top',
      credentials: photosToken,
      nonce: 'chapoH',
      timestamp: 137_131_202,
      version: false,
    },
    'MdpQcU8iPSUjWoN/UDMsK2sui9I=',
  ],
  [
    'OAuth Core 1.0, appendix A.5',
    {
      method: 'GET',
      url: 'http://photos.example.net/photos',
      parameters: vacation,
      credentials: photosToken,
      nonce: 'kllo9940pd9333jh',
      timestamp: 1_191_242_096,
    },
    'tR3+Ty81lMeYAr/Fid0kMTYa/WM=',
  ],
  [
    'RFC 5849, duplicate keys',
    {
      method: 'POST',
      url: 'http://example.com/request',
      parameters: [
        ['b5', '=%3D'],
        ['a3', 'a'],
        ['c@', ''],
        ['a2', 'r b'],
        ['c2', ''],
        ['a3', '2 q'],
      ] as const,
      credentials: {
        consumerKey: '9djdj82h48djs9d2',
        consumerSecret: 'j49sk3j29djd',
        token: 'kkk9d7dh3k39sjv7',
        tokenSecret: 'dh893hdasih9',
      },
      nonce: '7d8f3e4a',
      timestamp: 137_131_201,
      version: false,
    },
    'r6/TJjbCOr97/+UU0NsvSne7s5g=',
  ],
  [
    'Twitter, request token',
    {
      method: 'POST',
      url: 'https://api.twitter.com/oauth/request_token',
      parameters: [
        [
          'oauth_callback',
          'http://localhost:3005/the_dance/process_callback?service_provider_id=11',
        ],
      ] as const,
      credentials: {
        consumerKey: 'GDdmIQH6jhtmLUypg82g',
        consumerSecret: 'MCD8BKwGdgPHvAuvgvz4EQpqDAtx89grbuNMRd7Eh98',
      },
      nonce: 'QP70eNmVz8jvdPevU3oJD2AfF7R7odC2XJcn4XlZJqk',
      timestamp: 1_272_323_042,
    },
    '8wUi7m5HFQy76nowoCThusfgB+Q=',
  ],
])('signs as published: %s', (_where, request, signature) => {
  const header = oauth1Header(request);
  expect(header).toContain(`oauth_signature="${percentEncode(signature)}"`);
  expect(header).toMatch(/^OAuth oauth_/);
});

test('builds the base text of RFC 5849, section 3.4.1.1', () => {
  const base = signatureBase(
    'post',
    'http://EXAMPLE.com:80/request?b5=%3D%253D&a3=a&c%40=&a2=r%20b',
    [
      ['oauth_consumer_key', '9djdj82h48djs9d2'],
      ['oauth_token', 'kkk9d7dh3k39sjv7'],
      ['oauth_signature_method', 'HMAC-SHA1'],
      ['oauth_timestamp', '137131201'],
      ['oauth_nonce', '7d8f3e4a'],
      ['c2', ''],
      ['a3', '2 q'],
    ],
  );
  expect(base).toBe(
    'POST&http%3A%2F%2Fexample.com%2Frequest&a2%3Dr%2520b%26a3%3D2%2520q%26a3%3Da%26b5%3D%253D%25253D%26c%2540%3D%26c2%3D%26oauth_consumer_key%3D9djdj82h48djs9d2%26oauth_nonce%3D7d8f3e4a%26oauth_signature_method%3DHMAC-SHA1%26oauth_timestamp%3D137131201%26oauth_token%3Dkkk9d7dh3k39sjv7',
  );
  expect(hmacSha1(base, 'j49sk3j29djd', 'dh893hdasih9')).toBe('r6/TJjbCOr97/+UU0NsvSne7s5g=');
});

test('encodes what encodeURIComponent leaves', () => {
  expect(percentEncode("a-._~!'()* é☃")).toBe('a-._~%21%27%28%29%2A%20%C3%A9%E2%98%83');
});

test('uses a fresh nonce each time', () => {
  const { nonce: _, ...request } = { ...update, url: 'http://example.org/' };
  const headers = Array.from({ length: 100 }, () => oauth1Header(request));
  expect(new Set(headers.map((header) => /oauth_nonce="\w+"/.exec(header)?.[0])).size).toBe(100);
});
