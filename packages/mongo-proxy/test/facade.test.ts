import { inspect } from 'node:util';
import { expect, test } from 'vitest';
import { facade } from '../src/facade.ts';

const nothing = () => undefined;

class Counter {
  count = 0;
  #secret = 7;
  add(): this {
    this.count += 1;
    return this;
  }
  async addLater(): Promise<this> {
    return this.add();
  }
  secret(): number {
    return this.#secret;
  }
  twice(): number {
    return this.secret() * 2;
  }
}

test('is the target to instanceof and inspect, with private fields at work', () => {
  const counter = new Counter();
  const shown = facade(counter, nothing);
  expect(shown).toBeInstanceOf(Counter);
  expect(inspect(shown)).toBe(inspect(counter));
  expect(shown.constructor).toBe(Counter);
  expect(shown.secret()).toBe(7);
});

test('replaces what it is told to, but not in the inner calls of the target', () => {
  const shown = facade(new Counter(), (key) => (key === 'secret' ? () => 1 : undefined));
  expect(shown.secret()).toBe(1);
  expect(shown.twice()).toBe(14);
});

test('stands in wherever a method returns the target or promises it', async () => {
  const shown = facade(new Counter(), nothing);
  expect(shown.add()).toBe(shown);
  expect(await shown.addLater()).toBe(shown);
  expect(shown.count).toBe(2);
});

test('gives the same method each time, and writes through', () => {
  const counter = new Counter();
  const shown = facade(counter, nothing);
  expect(Reflect.get(shown, 'add')).toBe(Reflect.get(shown, 'add'));
  shown.count = 5;
  expect(counter.count).toBe(5);
});
