/** The set about itself, and what members say to each other. */
import type { EncodableDocument } from '../bson-document.ts';
import { timestampOf } from '../cluster-time.ts';
import { type Command, numberArgument } from '../command.ts';
import { hostOf } from '../member-config.ts';

const replSetGetStatus: Command = {
  kind: 'any',
  run({ state, now }) {
    const { replica, addresses, config } = state;
    const { end } = replica;
    const members = replica.members().map(({ index, self, role, healthy, end: theirs }) => {
      const address = addresses.find((each) => each.index === index) ?? config;
      return {
        _id: index,
        name: hostOf(address),
        health: healthy ? 1 : 0,
        state: role === 'primary' ? 1 : role === 'secondary' ? 2 : 8,
        stateStr: role === 'unknown' ? '(not reachable/healthy)' : role.toUpperCase(),
        optime: { position: theirs.position, t: BigInt(theirs.term) },
        ...(self && { self: true }),
      };
    });
    return {
      set: config.setName,
      date: now,
      myState: replica.isPrimary ? 1 : 2,
      term: BigInt(replica.standing.term),
      heartbeatIntervalMillis: BigInt(Math.round(config.electionTimeoutMS / 5)),
      optimes: {
        appliedOpTime: { ts: timestampOf(end), t: BigInt(end.term) },
        committedPosition: replica.standing.committed,
      },
      members,
      ok: 1,
    };
  },
};

const replSetGetConfig: Command = {
  kind: 'any',
  run({ state }) {
    const members = state.addresses.map(
      (address): EncodableDocument => ({
        _id: address.index,
        host: hostOf(address),
        arbiterOnly: false,
        hidden: false,
        priority: 1,
        votes: 1,
        tags: {},
      }),
    );
    const { setName, electionTimeoutMS } = state.config;
    return {
      config: {
        _id: setName,
        version: 1,
        term: BigInt(state.replica.standing.term),
        members,
        settings: { electionTimeoutMillis: electionTimeoutMS },
      },
      ok: 1,
    };
  },
};

const replSetStepDown: Command = {
  kind: 'any',
  async run({ state, command }) {
    const seconds = numberArgument(command, 'replSetStepDown') ?? 60;
    const catchUp = numberArgument(command, 'secondaryCatchUpPeriodSecs') ?? 10;
    await state.replica.election.stepDown(seconds, catchUp * 1000);
    return { ok: 1 };
  },
};

const configureFailPoint: Command = {
  kind: 'any',
  run({ state, command }) {
    state.failPoints.configure(command);
    return { ok: 1 };
  },
};

const holdfastHeartbeat: Command = {
  kind: 'any',
  internal: true,
  run: ({ state, command }) => state.replica.election.heartbeat(command),
};

const holdfastVote: Command = {
  kind: 'any',
  internal: true,
  run: ({ state, command }) => state.replica.election.vote(command),
};

const holdfastFetch: Command = {
  kind: 'any',
  internal: true,
  run: ({ state, command }) => state.replica.transfer.give(command),
};

const holdfastCopy: Command = {
  kind: 'any',
  internal: true,
  run: ({ state, command }) => state.replica.copySource.give(command),
};

const holdfastStandNow: Command = {
  kind: 'any',
  internal: true,
  async run({ state, command }) {
    await state.replica.election.standNow(Number(command.get('term')));
    return { ok: 1 };
  },
};

export const setCommands: Readonly<Record<string, Command>> = {
  replSetGetStatus,
  replSetGetConfig,
  replSetStepDown,
  configureFailPoint,
  holdfastHeartbeat,
  holdfastVote,
  holdfastFetch,
  holdfastCopy,
  holdfastStandNow,
};
