const kept: object[] = [];

/**
 * Holds an object of a class for good. When a collection of garbage finds none, V8 forgets the
 * class's shape, and throws away the code that it has made for it: a program that makes a stream now
 * and then would begin anew each time.
 */
export function keep(one: object): void {
  kept.push(one);
}
