import { expect, test } from 'vitest';
import { refusal } from '../src/http/request-guard.ts';

const hosts = new Set(['127.0.0.1', 'localhost', '[::1]']);
const host = '127.0.0.1:4780';
const json = { host, 'content-type': 'application/json' };
const link = { 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' };
const frame = { 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'iframe' };

test.each([
  { what: 'a plain read', method: 'GET', headers: { host } },
  { what: 'a read by name', method: 'GET', headers: { host: 'LOCALHOST:1' } },
  { what: 'a read by IPv6', method: 'GET', headers: { host: '[::1]:4780' } },
  { what: 'a read without port', method: 'GET', headers: { host: 'localhost' } },
  { what: 'its own page', method: 'GET', headers: { host, 'sec-fetch-site': 'same-origin' } },
  {
    what: 'a link elsewhere',
    method: 'GET',
    headers: { host, 'sec-fetch-site': 'cross-site', ...link },
  },
  { what: 'an old browser', method: 'GET', headers: { host, origin: 'http://127.0.0.1:4780' } },
  {
    what: 'a change by the page',
    method: 'POST',
    headers: { ...json, 'sec-fetch-site': 'same-origin' },
  },
  { what: 'a change by a script', method: 'PUT', headers: { ...json, 'sec-fetch-site': 'none' } },
  {
    what: 'a change by an old browser',
    method: 'POST',
    headers: {
      host,
      origin: `http://${host}`,
      'content-type': 'application/json; charset=utf-8',
    },
  },
])('lets $what pass', ({ method, headers }) => {
  expect(refusal({ method, headers }, hosts)).toBeNull();
});

test.each([
  { what: 'a foreign name', status: 403, method: 'GET', headers: { host: 'evil.example' } },
  {
    what: 'a longer name',
    status: 403,
    method: 'GET',
    headers: { host: 'localhost.evil.example' },
  },
  { what: 'no name', status: 403, method: 'GET', headers: {} },
  {
    what: 'a read by another site',
    status: 403,
    method: 'GET',
    headers: { host, 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors' },
  },
  {
    what: 'a read by another port',
    status: 403,
    method: 'GET',
    headers: { host, 'sec-fetch-site': 'same-site' },
  },
  {
    what: 'a frame elsewhere',
    status: 403,
    method: 'GET',
    headers: { host, 'sec-fetch-site': 'cross-site', ...frame },
  },
  {
    what: 'events for another origin',
    status: 403,
    method: 'GET',
    headers: { host, origin: 'http://evil.example' },
  },
  { what: 'a change by nobody', status: 403, method: 'POST', headers: json },
  {
    what: 'a change by another site',
    status: 403,
    method: 'POST',
    headers: { ...json, 'sec-fetch-site': 'cross-site', ...link },
  },
  {
    what: 'a lie about the origin',
    status: 403,
    method: 'POST',
    headers: { ...json, origin: `http://${host}`, 'sec-fetch-site': 'cross-site' },
  },
  {
    what: 'a change by another origin',
    status: 403,
    method: 'POST',
    headers: { ...json, origin: 'http://127.0.0.1:4781' },
  },
  {
    what: 'the origin null',
    status: 403,
    method: 'POST',
    headers: { ...json, origin: 'null' },
  },
  {
    what: 'a form',
    status: 415,
    method: 'POST',
    headers: { host, 'sec-fetch-site': 'same-origin', 'content-type': 'text/plain' },
  },
  {
    what: 'a body of no type',
    status: 415,
    method: 'DELETE',
    headers: { host, 'sec-fetch-site': 'none' },
  },
])('turns $what away with $status', ({ method, headers, status }) => {
  expect(refusal({ method, headers }, hosts)?.status).toBe(status);
});
