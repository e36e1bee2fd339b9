/** Wrong ways to use a lock, each of which the checker has to catch. */
export const controls = {
  plain: 'writes to the bare collection, without the fence',
  break: 'gives a lock back by its name, whoever holds it',
  impatient: 'leaves the line once, after half a second, and stands at its end',
} as const;

export type Control = keyof typeof controls;

/** The promise that each of them breaks. */
export const brokenBy: Readonly<Record<Control, string>> = {
  plain: 'a write is refused once a newer token was granted',
  break: 'nobody but its holder gives a lock back',
  impatient: 'those in line are served in their order',
};
