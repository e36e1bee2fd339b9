/** What a property of the target is replaced by; undefined where the target's own is right. */
export type Replacements = (key: PropertyKey) => unknown;

/**
 * Shows `target` with some of its properties replaced; everything else is the target's own.
 *
 * A replacement is asked for once, when its property is first read. `instanceof`, `in`,
 * `Object.keys` and `util.inspect` see the target. Methods run on the target itself, so its inner
 * calls are not replaced; where one returns the target, or a promise of it, the caller gets the
 * facade instead.
 */
export function facade<T extends object>(target: T, replacements: Replacements): T {
  const replaced = new Map<PropertyKey, unknown>();
  const bound = new Map<PropertyKey, { method: unknown; proxied: unknown }>();
  const proxy = new Proxy(target, {
    get(_, key) {
      let replacement = replaced.get(key);
      if (replacement === undefined && !replaced.has(key)) {
        replacement = replacements(key);
        replaced.set(key, replacement);
      }
      if (replacement !== undefined) return replacement;
      const value: unknown = Reflect.get(target, key, target);
      if (typeof value !== 'function' || key === 'constructor') return value;
      const known = bound.get(key);
      if (known?.method === value) return known.proxied;
      const proxied = (...args: unknown[]) => shown(Reflect.apply(value, target, args));
      bound.set(key, { method: value, proxied });
      return proxied;
    },
    set: (_, key, value) => Reflect.set(target, key, value, target),
  });
  const shown = (result: unknown): unknown => {
    if (result === target) return proxy;
    if (!(result instanceof Promise)) return result;
    return result.then((value) => (value === target ? proxy : value));
  };
  return proxy;
}
