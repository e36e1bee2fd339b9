/** What the member is at work on: told, and ended. */
import { decodeDocument } from '../bson-decoder.ts';
import { encodeDocument } from '../bson-encoder.ts';
import { type Command, numberArgument } from '../command.ts';
import { compileQuery } from '../matcher.ts';
import { describeOperation } from '../operation-report.ts';
import { ServerError } from '../server-error.ts';

/** Filters by what the command says beyond its own options, as MongoDB's does. */
const currentOp: Command = {
  kind: 'any',
  run({ state, command, now, database }) {
    if (database !== 'admin') {
      throw new ServerError(13, 'currentOp may only be run against the admin database.');
    }
    const own = new Set(['currentOp', '$all', '$ownOps', '$truncateOps', 'comment', 'lsid']);
    const filter = new Map(
      [...command].filter(
        ([name]) => !own.has(name) && (!name.startsWith('$') || /^\$(and|or|nor)$/.test(name)),
      ),
    );
    const test = compileQuery(filter, { now });
    const inprog = state.running
      .all()
      .map((operation) => describeOperation(operation, now))
      .filter((each) => test(decodeDocument(encodeDocument(each))));
    return { inprog, ok: 1 };
  },
};

/** Ends what looks whether it was ended: an index build does, a command of a single turn has no time to. */
const killOp: Command = {
  kind: 'any',
  run({ state, command, database }) {
    if (database !== 'admin') {
      throw new ServerError(13, 'killOp may only be run against the admin database.');
    }
    const id = numberArgument(command, 'op');
    if (id === undefined) throw new ServerError(40414, "BSON field 'killOp.op' is missing");
    state.running.get(id)?.kill();
    return { info: 'attempting to kill op', ok: 1 };
  },
};

export const operationCommands: Readonly<Record<string, Command>> = { currentOp, killOp };
