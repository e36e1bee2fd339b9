import { expect, test } from 'vitest';

test('the tests run on the Node that the house brings', () => {
  expect(process.version).toMatch(/^v24\./);
});
