/** The set about itself, what it is told to do, and what members say to each other. */
import type { BsonDocument } from '../bson-document.ts';
import { isNumber } from '../bson-order.ts';
import { type Command, flagArgument, numberArgument } from '../command.ts';
import { ServerError } from '../server-error.ts';
import { replSetGetConfig, replSetGetStatus } from './set-status.ts';

const defaultSeconds = { stepDown: 60, catchUp: 10 } as const;

const replSetStepDown: Command = {
  kind: 'any',
  async run({ state, command }) {
    const force = flagArgument(command, 'force');
    const wanted = wholeNumber(command, 'replSetStepDown') ?? 0;
    const seconds = wanted === 0 ? defaultSeconds.stepDown : wanted;
    const catchUp =
      wholeNumber(command, 'secondaryCatchUpPeriodSecs') ?? (force ? 0 : defaultSeconds.catchUp);
    if (seconds < 0) throw new ServerError(2, 'stepdown period must be a positive integer');
    if (catchUp < 0) {
      throw new ServerError(2, 'secondaryCatchUpPeriodSecs period must be a positive or absent');
    }
    if (seconds < catchUp) {
      throw new ServerError(2, 'stepdown period must be longer than secondaryCatchUpPeriodSecs');
    }
    await state.replica.election.stepDown(seconds, catchUp * 1000, { force });
    return { ok: 1 };
  },
};

const replSetFreeze: Command = {
  kind: 'any',
  run({ state, command }) {
    const seconds = wholeNumber(command, 'replSetFreeze') ?? 0;
    if (seconds < 0) throw new ServerError(2, 'freeze period must not be negative');
    state.replica.election.freeze(seconds);
    return { ...(seconds === 0 && { info: 'unfreezing' }), ok: 1 };
  },
};

function wholeNumber(command: BsonDocument, name: string): number | undefined {
  const value = command.get(name);
  // MongoDB takes what is no number (`true`) for none.
  if (name === command.keys().next().value && !isNumber(value)) return undefined;
  const number = numberArgument(command, name);
  return number === undefined ? undefined : Math.trunc(number);
}

/** What a host asks for; periods may be shorter than MongoDB allows. */
const holdfastStepDown: Command = {
  kind: 'any',
  internal: true,
  async run({ state, command }) {
    const seconds = numberArgument(command, 'holdfastStepDown') ?? 0;
    await state.replica.election.stepDown(seconds, defaultSeconds.catchUp * 1000);
    return { ok: 1 };
  },
};

/** What holds where a command does not say otherwise; it cannot be changed. */
const getDefaultRWConcern: Command = {
  kind: 'any',
  run: ({ now }) => ({
    defaultReadConcern: { level: 'local' },
    defaultWriteConcern: { w: 'majority', wtimeout: 0 },
    defaultReadConcernSource: 'implicit',
    defaultWriteConcernSource: 'implicit',
    localUpdateWallClockTime: now,
    ok: 1,
  }),
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
  replSetFreeze,
  getDefaultRWConcern,
  holdfastStepDown,
  configureFailPoint,
  holdfastHeartbeat,
  holdfastVote,
  holdfastFetch,
  holdfastCopy,
  holdfastStandNow,
};
