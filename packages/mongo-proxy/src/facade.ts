/**
 * Shows `target` with some of its properties replaced; everything else is the target's own.
 *
 * `instanceof` and `util.inspect` see the target. Methods run on the target itself, so its inner
 * calls are not replaced; where one returns the target, or a promise of it, the caller gets the
 * facade instead.
 */
export function facade<T extends object>(
  target: T,
  replacements: Readonly<Record<PropertyKey, unknown>>,
): T {
  const bound = new Map<PropertyKey, { method: unknown; proxied: unknown }>();
  const proxy = new Proxy(target, {
    get(_, key) {
      if (Object.hasOwn(replacements, key)) return replacements[key];
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
