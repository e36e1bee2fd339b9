/** Seconds that all threads of this process have worked since a moment that `process.cpuUsage()` gave. */
export function processorSeconds(since: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(since);
  return (user + system) / 1e6;
}
