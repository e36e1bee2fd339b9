/** The part with lost replies: every way to write, up to twenty lost replies each, and a ledger. */
import { mongoProxy } from '@holdfast/mongo-proxy';
import type { CommandFailure, ReplicaSet } from '@holdfast/replica-set';
import type { CommandFailedEvent, MongoClient } from 'mongodb';
import { answered } from './answer-limit.ts';
import type { Dice } from './dice.ts';
import { insist } from './insist.ts';
import { type Account, judge } from './ledger.ts';
import type { Stage } from './stage.ts';
import { database, type Line, type Verb, verbs } from './verbs.ts';

const patience = 60_000;
const limit = patience + 30_000;
/** Of operations whose patience is to end: both its errors are to be met. */
const shortPatience = 30;
// A lost reply is felt by all of its client: their pool is cleared. So each writer has its own.
const workersOfClient = 1;
const clients = 128;
const counted = [
  ...['operations', 'lost replies', 'acknowledged', 'outcome unknown', 'patience exhausted'],
  ...['failed', 'unanswered', 'applied twice or more', 'acknowledged and lost', 'wrong answers'],
];
const failCommands = [
  'insert',
  'update',
  'delete',
  'findAndModify',
  'bulkWrite',
  'commitTransaction',
];

export interface RepliesOptions {
  readonly verbs: readonly string[];
  /** Calls again by itself whenever a call of the bare driver fails. */
  readonly naive: boolean;
  /** How many operations are written until they are judged. */
  readonly pageLength: number;
}

/** What befalls one operation. */
interface Fate {
  readonly lost: number;
  readonly failure: CommandFailure | undefined;
  readonly hasty: boolean;
}

/** One write that is to come. */
interface Entry {
  readonly op: number;
  readonly name: string;
  readonly verb: Verb;
  readonly fate: Fate;
}

type Caller = (verb: Verb, op: number, collection: string) => Promise<unknown>;

/** The two ways to call by one client, which the set knows by its name. */
interface Callers {
  readonly appName: string;
  readonly usual: Caller;
  readonly hasty: Caller;
}

/** Writes and judges page after page until the time is over; one at least, and all of that one. */
export async function playReplies(stage: Stage, options: RepliesOptions): Promise<void> {
  const { tally } = stage;
  for (const name of counted) tally.add(name, 0);
  const thief = new Thief(stage.set);
  const dice = stage.dice('replies');
  const bare = await stage.client();
  const errands = mongoProxy(await stage.client());
  const callers = await Promise.all(
    Array.from({ length: clients }, (_, i) => callersOf(stage, thief, options, `writer ${i}`)),
  );
  const isCaught = () => options.naive && tally.of('applied twice or more') > 0;
  for (let page = 1; page === 1 || !(stage.isOver() || isCaught()); page++) {
    const plan = planOf(page, options, dice);
    const isOver = () => stage.signal.aborted || (page > 1 && stage.isOver());
    const collection = `page-${page}`;
    const lines = errands.db(database).collection<Line>(collection);
    await lines.createIndex({ op: 1 });
    const before = plan.flatMap(({ verb, op }) => verb.before(op));
    if (before.length > 0) await lines.insertMany(before, { ordered: false });
    const begun = stage.elapsed;
    const accounts = await writePage(plan, callers, thief, collection, isOver);
    await thief.rest();
    tally.add('milliseconds', Math.round(stage.elapsed - begun));
    judge(accounts, await readLines(bare, collection), tally);
    tally.add('lost replies', thief.takeLost());
    await lines.drop();
  }
}

async function callersOf(
  stage: Stage,
  thief: Thief,
  options: RepliesOptions,
  appName: string,
): Promise<Callers> {
  const client = await stage.client({
    appName,
    monitorCommands: true,
    minHeartbeatFrequencyMS: 20,
  });
  thief.watch(client);
  if (options.naive) {
    return { appName, usual: naively(client, patience), hasty: naively(client, shortPatience) };
  }
  const onRetry = () => stage.tally.add('repetitions');
  return {
    appName,
    usual: through(mongoProxy(client, { patience, onRetry })),
    hasty: through(mongoProxy(client, { patience: shortPatience, onRetry })),
  };
}

/** Every kind of write in its turn, each with a fate of its own. */
function planOf(page: number, { verbs: names, pageLength }: RepliesOptions, dice: Dice): Entry[] {
  return Array.from({ length: pageLength }, (_, at) => {
    const op = (page - 1) * pageLength + at;
    const name = names[op % names.length] ?? '';
    const verb = verbs[name];
    if (verb === undefined) throw new RangeError(`there is no verb '${name}'`);
    return { op, name, verb, fate: fateOf(dice) };
  });
}

async function writePage(
  plan: readonly Entry[],
  callers: readonly Callers[],
  thief: Thief,
  collection: string,
  isOver: () => boolean,
): Promise<Account[]> {
  const accounts: Account[] = [];
  let begun = 0;
  const work = async ({ appName, usual, hasty }: Callers): Promise<void> => {
    for (let entry = plan[begun++]; entry !== undefined && !isOver(); entry = plan[begun++]) {
      const { op, name, verb, fate } = entry;
      await thief.steal(appName, fate);
      const call = (fate.hasty ? hasty : usual)(verb, op, collection);
      try {
        accounts.push({ op, verb: name, answer: await answered(call, limit) });
      } catch (error) {
        accounts.push({ op, verb: name, error });
      }
    }
  };
  await Promise.all(
    callers.flatMap((each) => Array.from({ length: workersOfClient }, () => work(each))),
  );
  return accounts;
}

/** Mostly lost replies; sometimes refusals and cut lines beside them, and sometimes little patience. */
function fateOf(dice: Dice): Fate {
  const hasty = dice.chance(0.1);
  const times = dice.between(1, hasty ? 12 : 4);
  const failures: readonly Omit<CommandFailure, 'failCommands'>[] = [
    { times, closeConnection: true },
    { times, errorCode: dice.pick([10107, 11602, 189, 91, 7]) },
    { times, errorCode: 10107, errorLabels: ['RetryableWriteError', 'NoWritesPerformed'] },
  ];
  const failure = dice.pick(failures);
  return {
    lost: hasty && dice.chance(0.5) ? 0 : dice.between(1, dice.between(1, 20)),
    failure: dice.chance(hasty ? 0.7 : 0.2) ? { failCommands, ...failure } : undefined,
    hasty,
  };
}

function through(client: MongoClient): Caller {
  return (verb, op, collection) => verb.write({ client, collection }, op);
}

/** What many programs do: the bare driver, called again until it succeeds. */
function naively(client: MongoClient, milliseconds: number): Caller {
  return async (verb, op, collection) => {
    const until = performance.now() + milliseconds;
    for (;;) {
      try {
        return await verb.write({ client, collection }, op);
      } catch (error) {
        if (performance.now() > until) throw error;
      }
    }
  };
}

async function readLines(bare: MongoClient, collection: string): Promise<Map<number, Line[]>> {
  const byOp = new Map<number, Line[]>();
  const lines = bare.db(database).collection<Line>(collection);
  for (const line of (await insist(() => lines.find().toArray())) ?? []) {
    const known = byOp.get(line.op);
    if (known === undefined) byOp.set(line.op, [line]);
    else known.push(line);
  }
  return byOp;
}

/** Takes replies away from writers, each known to the set by its name. */
class Thief {
  readonly #set: ReplicaSet;
  #lost = 0;

  constructor(set: ReplicaSet) {
    this.#set = set;
  }

  /** Counts what a client with `monitorCommands` has lost. */
  watch(client: MongoClient): void {
    client.on('commandFailed', ({ failure }: CommandFailedEvent) => {
      if (failure.name === 'MongoNetworkError') this.#lost += 1;
    });
  }

  /** Lets the writer's next operation lose what its fate is. */
  async steal(appName: string, { lost, failure }: Fate): Promise<void> {
    await insist(() => this.#set.loseReplies(lost, { appName }));
    if (failure !== undefined) await insist(() => this.#set.failCommand({ ...failure, appName }));
  }

  async rest(): Promise<void> {
    await insist(() => this.#set.failCommand({ failCommands: ['insert'], times: 0 }));
  }

  /** How many replies were lost since this was asked last. */
  takeLost(): number {
    const lost = this.#lost;
    this.#lost = 0;
    return lost;
  }
}
