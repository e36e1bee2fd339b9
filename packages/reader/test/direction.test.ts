import { expect, test } from 'vitest';
import { directionOf, isMixed } from '../src/direction.ts';

test.each([
  { text: 'Apple', direction: 'ltr', mixed: false },
  { text: '', direction: 'ltr', mixed: false },
  { text: '3 % 🚀', direction: 'ltr', mixed: false },
  { text: 'מניות אפל', direction: 'rtl', mixed: false },
  { text: '3 % מניות', direction: 'rtl', mixed: false },
  { text: 'مبيعات Apple', direction: 'rtl', mixed: true },
  { text: 'Apple مبيعات', direction: 'ltr', mixed: true },
  { text: '日本株', direction: 'ltr', mixed: false },
])('"$text" runs $direction, mixed: $mixed', ({ text, direction, mixed }) => {
  expect(directionOf(text)).toBe(direction);
  expect(isMixed(text)).toBe(mixed);
});
