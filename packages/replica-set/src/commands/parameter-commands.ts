/** The server's parameters: those that say something true of it, and those that can be set. */
import type { BsonDocument, BsonValue, EncodableDocument } from '../bson-document.ts';
import { isDocument } from '../bson-document.ts';
import { type Command, flagArgument, numberArgument } from '../command.ts';
import type { MemberState } from '../member-state.ts';
import { ServerError } from '../server-error.ts';

interface Parameter {
  readonly get: (state: MemberState) => BsonValue;
  /** Takes the new value from the command; none for what cannot be set. */
  readonly set?: (state: MemberState, command: BsonDocument) => void;
}

const constant = (value: BsonValue): Parameter => ({ get: () => value });

const parameters: ReadonlyMap<string, Parameter> = new Map<string, Parameter>([
  ['acceptApiVersion2', constant(false)],
  ['authenticationMechanisms', constant(['SCRAM-SHA-256'])],
  ['enableTestCommands', constant(true)],
  ['featureCompatibilityVersion', constant(new Map([['version', '8.0']]))],
  ['requireApiVersion', constant(false)],
  [
    'transactionLifetimeLimitSeconds',
    {
      get: ({ sessions }) => sessions.lifetimeSeconds,
      set({ sessions }, command) {
        sessions.lifetimeSeconds = atLeastOne(command, 'transactionLifetimeLimitSeconds');
      },
    },
  ],
  [
    'ttlMonitorSleepSecs',
    {
      get: ({ ttl }) => ttl.sleepSeconds,
      set({ ttl }, command) {
        ttl.sleepSeconds = atLeastOne(command, 'ttlMonitorSleepSecs');
      },
    },
  ],
  [
    'ttlMonitorEnabled',
    {
      get: ({ ttl }) => ttl.enabled,
      set({ ttl }, command) {
        ttl.enabled = flagArgument(command, 'ttlMonitorEnabled');
      },
    },
  ],
]);

function atLeastOne(command: BsonDocument, name: string): number {
  const value = numberArgument(command, name) ?? 0;
  if (value >= 1) return value;
  throw new ServerError(2, `${name} must be greater than or equal to 1`);
}

const getParameter: Command = {
  kind: 'any',
  run({ command, state }) {
    const asked = command.get('getParameter');
    const details = isDocument(asked) && asked.get('showDetails') === true;
    const all = asked === '*' || (isDocument(asked) && asked.get('allParameters') === true);
    const shown: [string, EncodableDocument[string]][] = [];
    for (const [name, { get, set }] of parameters) {
      if (!all && !command.has(name)) continue;
      const value = get(state);
      const described = { value, settableAtRuntime: set !== undefined, settableAtStartup: false };
      shown.push([name, details ? described : value]);
    }
    if (shown.length === 0) throw new ServerError(72, 'no option found to get');
    return { ...Object.fromEntries(shown), ok: 1 };
  },
};

/** Of this member alone, and until it ends. */
const setParameter: Command = {
  kind: 'any',
  run({ command, state }) {
    const given = [...command.keys()].filter(
      (name) =>
        name !== 'setParameter' &&
        !name.startsWith('$') &&
        !['lsid', 'comment', 'apiVersion'].includes(name),
    );
    const [name] = given;
    if (name === undefined) throw new ServerError(72, 'no option found to set');
    const parameter = parameters.get(name);
    if (parameter === undefined) {
      throw new ServerError(72, `Unrecognized parameter: ${name}`);
    }
    if (parameter.set === undefined) {
      throw new ServerError(20, `not allowed to change [${name}] at runtime`);
    }
    const was = parameter.get(state);
    parameter.set(state, command);
    return { was, ok: 1 };
  },
};

export const parameterCommands: Readonly<Record<string, Command>> = { getParameter, setParameter };
