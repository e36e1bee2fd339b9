import type { ServerDescription, TopologyDescription } from 'mongodb';

/** The part of what a client knows of its deployment that an estimate needs. */
export interface KnownMembers {
  readonly type: TopologyDescription['type'];
  readonly heartbeatFrequencyMS: number;
  readonly servers: ReadonlyMap<
    string,
    Pick<ServerDescription, 'type' | 'lastUpdateTime' | 'lastWriteDate'>
  >;
}

/**
 * Milliseconds by which what a member of a replica set answers may lie behind the primary.
 *
 * 0 for a primary; undefined where there is no saying: routers, direct connections to one member,
 * members not known. An estimate from the last heartbeats, to the second in which members tell the
 * time of their last write, with the time between heartbeats added (server-selection.md,
 * "maxStalenessSeconds").
 */
export function estimateStaleness(
  { type, servers, heartbeatFrequencyMS }: KnownMembers,
  address: string,
): number | undefined {
  const member = servers.get(address);
  if (member?.type === 'RSPrimary') return 0;
  if (member?.type !== 'RSSecondary' || type === 'Single') return undefined;
  const all = [...servers.values()];
  const primary = all.find((each) => each.type === 'RSPrimary');
  const behind =
    primary === undefined
      ? Math.max(...all.filter((each) => each.type === 'RSSecondary').map(lastWrite)) -
        lastWrite(member)
      : member.lastUpdateTime - lastWrite(member) - (primary.lastUpdateTime - lastWrite(primary));
  return Math.max(0, behind + heartbeatFrequencyMS);
}

/** A number by its type, a Date in truth. */
function lastWrite({ lastWriteDate }: Pick<ServerDescription, 'lastWriteDate'>): number {
  return Number(lastWriteDate);
}
