export const routes = ['read', 'portfolio'] as const;

/** A screen of the page. Kept in the address's hash, so that a reload stays on it. */
export type Route = (typeof routes)[number];

/** The screen that a hash such as `#/portfolio` names; the first one for any other hash. */
export function routeOf(hash: string): Route {
  return routes.find((route) => hash === hashOf(route)) ?? 'read';
}

export function hashOf(route: Route): string {
  return `#/${route}`;
}
