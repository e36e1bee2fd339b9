import { expect, test } from 'vitest';
import { hashOf, routeOf, routes } from '../src/route.ts';

test.each(routes)('a reload stays on %s', (route) => {
  expect(routeOf(hashOf(route))).toBe(route);
});

test.each(['', '#', '#/elsewhere', '#portfolio'])('"%s" is the first screen', (hash) => {
  expect(routeOf(hash)).toBe('read');
});
