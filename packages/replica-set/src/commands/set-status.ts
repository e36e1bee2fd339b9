/** The set about itself: `replSetGetStatus` and `replSetGetConfig`, as monitoring and `rs.status()` read them. */
import type { EncodableDocument } from '../bson-document.ts';
import { timestampOf } from '../cluster-time.ts';
import { type Command, flagArgument } from '../command.ts';
import { hostOf, type MemberAddress } from '../member-config.ts';
import { settingsOf } from '../member-settings.ts';
import type { MemberState } from '../member-state.ts';
import type { LogEnd, LogTime } from '../operation.ts';
import type { OtherMember, Role } from '../standing.ts';

/** The one version of the configuration: it does not change while a set runs. */
export const configVersion = 1;

const beginning: LogEnd = { position: 0, term: -1, seconds: 0, increment: 0 };

/** MongoDB's numbers and names of what a member is. */
const memberStates = {
  primary: { state: 1, stateStr: 'PRIMARY' },
  secondary: { state: 2, stateStr: 'SECONDARY' },
  recovering: { state: 3, stateStr: 'RECOVERING' },
  startup: { state: 5, stateStr: 'STARTUP2' },
  away: { state: 8, stateStr: '(not reachable/healthy)' },
} as const;

function stateOf(member: { role: Role | 'unknown'; blank: boolean; recovering: boolean }) {
  if (member.blank) return memberStates.startup;
  if (member.recovering) return memberStates.recovering;
  return memberStates[member.role === 'unknown' ? 'away' : member.role];
}

function optimeOf({ term, ...time }: LogEnd): EncodableDocument {
  return { ts: timestampOf(time), t: BigInt(term) };
}

function dateOf({ seconds }: LogTime): Date {
  return new Date(seconds * 1000);
}

export const replSetGetStatus: Command = {
  kind: 'any',
  run({ state, now }) {
    const { replica, addresses, config, log } = state;
    const { standing } = replica;
    const { end, durable } = log;
    const committed = log.history.pointAt(standing.committed) ?? { ...beginning };
    const { position, term, seconds, increment } = committed;
    const last = { position, term, seconds, increment };
    const { electedOn } = replica.election;
    const source = syncSource(state, standing.role === 'primary' ? undefined : standing.leader);
    const members = addresses.map((address) => {
      const other = standing.other(address.index);
      return other === undefined
        ? aboutSelf(state, address, now)
        : aboutOther(state, other, now.getTime());
    });
    const writers = standing.others.filter(({ settings }) => settings.votes === 1).length;
    return {
      set: config.setName,
      date: now,
      myState: stateOf(standing).state,
      term: BigInt(standing.term),
      ...source,
      heartbeatIntervalMillis: BigInt(Math.round(config.electionTimeoutMS / 5)),
      majorityVoteCount: standing.majority,
      writeMajorityCount: standing.majority,
      votingMembersCount: standing.votes,
      writableVotingMembersCount: writers + standing.settings.votes,
      optimes: {
        lastCommittedOpTime: optimeOf(last),
        lastCommittedWallTime: dateOf(last),
        readConcernMajorityOpTime: optimeOf(last),
        appliedOpTime: optimeOf(end),
        durableOpTime: optimeOf(durable),
        writtenOpTime: optimeOf(end),
        lastAppliedWallTime: dateOf(end),
        lastDurableWallTime: dateOf(durable),
        lastWrittenWallTime: dateOf(end),
      },
      lastStableRecoveryTimestamp: timestampOf(last),
      ...(electedOn && {
        electionCandidateMetrics: {
          lastElectionDate: dateOf(electedOn),
          electionTerm: BigInt(standing.term),
          numVotesNeeded: standing.majority,
          priorityAtElection: standing.settings.priority,
          electionTimeoutMillis: BigInt(config.electionTimeoutMS),
        },
      }),
      members,
      ok: 1,
    };
  },
};

function aboutSelf(state: MemberState, address: MemberAddress, now: Date): EncodableDocument {
  const { replica, log, startedAt } = state;
  const { standing, election } = replica;
  const { end, durable } = log;
  return {
    _id: address.index,
    name: hostOf(address),
    health: 1,
    ...stateOf(standing),
    uptime: secondsBetween(startedAt, now.getTime()),
    optime: optimeOf(end),
    optimeDate: dateOf(end),
    optimeWritten: optimeOf(end),
    optimeWrittenDate: dateOf(end),
    lastAppliedWallTime: dateOf(end),
    lastDurableWallTime: dateOf(durable),
    lastWrittenWallTime: dateOf(end),
    ...syncSource(state, standing.role === 'primary' ? undefined : standing.leader),
    infoMessage: '',
    ...elected(election.electedOn),
    configVersion,
    configTerm: standing.term,
    self: true,
    lastHeartbeatMessage: '',
  };
}

function aboutOther(state: MemberState, other: OtherMember, now: number): EncodableDocument {
  const { config, replica } = state;
  const silence = performance.now() - other.heardAt;
  const healthy = other.upSince !== undefined && silence < config.electionTimeoutMS * 2;
  const end = healthy ? other.end : { ...beginning };
  return {
    _id: other.address.index,
    name: hostOf(other.address),
    health: healthy ? 1 : 0,
    ...(healthy ? stateOf(other) : memberStates.away),
    uptime: healthy && other.upSince ? secondsBetween(other.upSince, now) : 0,
    optime: optimeOf(end),
    optimeDurable: optimeOf(end),
    optimeWritten: optimeOf(end),
    optimeDate: dateOf(end),
    optimeDurableDate: dateOf(end),
    optimeWrittenDate: dateOf(end),
    lastAppliedWallTime: dateOf(end),
    lastDurableWallTime: dateOf(end),
    lastWrittenWallTime: dateOf(end),
    lastHeartbeat: other.heardOn ?? new Date(0),
    lastHeartbeatRecv: other.spokeOn ?? new Date(0),
    pingMs: BigInt(Math.round(other.ping)),
    lastHeartbeatMessage: healthy ? '' : 'no answer to its heartbeat',
    ...syncSource(state, healthy ? other.follows : undefined),
    infoMessage: '',
    ...elected(healthy ? other.electedOn : undefined),
    configVersion,
    configTerm: healthy ? replica.standing.term : -1,
  };
}

function elected(time: LogTime | undefined): EncodableDocument {
  return time === undefined ? {} : { electionTime: timestampOf(time), electionDate: dateOf(time) };
}

/** Members take the log from the primary, whom `index` names, and from nobody else. */
function syncSource({ addresses }: MemberState, index: number | undefined): EncodableDocument {
  const source = addresses.find((address) => address.index === index);
  return {
    syncSourceHost: source === undefined ? '' : hostOf(source),
    syncSourceId: source?.index ?? -1,
  };
}

function secondsBetween(since: Date, now: number): number {
  return Math.max(0, Math.floor((now - since.getTime()) / 1000));
}

export const replSetGetConfig: Command = {
  kind: 'any',
  run({ state, command }) {
    const { config, replica, addresses } = state;
    const members = addresses.map((address): EncodableDocument => {
      const { priority, votes, hidden, tags } = settingsOf(address.options);
      return {
        _id: address.index,
        host: hostOf(address),
        arbiterOnly: false,
        buildIndexes: true,
        hidden,
        priority,
        tags,
        secondaryDelaySecs: 0n,
        votes,
      };
    });
    return {
      config: {
        _id: config.setName,
        version: configVersion,
        term: replica.standing.term,
        members,
        protocolVersion: 1n,
        writeConcernMajorityJournalDefault: true,
        settings: {
          chainingAllowed: false,
          heartbeatIntervalMillis: Math.round(config.electionTimeoutMS / 5),
          heartbeatTimeoutSecs: Math.ceil(config.electionTimeoutMS / 1000),
          electionTimeoutMillis: config.electionTimeoutMS,
          catchUpTimeoutMillis: -1,
          catchUpTakeoverDelayMillis: -1,
          getLastErrorModes: config.writeConcernModes ?? {},
          getLastErrorDefaults: { w: 1, wtimeout: 0 },
        },
      },
      ...(flagArgument(command, 'commitmentStatus') && { commitmentStatus: true }),
      ok: 1,
    };
  },
};
