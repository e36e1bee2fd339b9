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
const workersOfClient = 4;
const clients = 10;
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

type Caller = (verb: Verb, op: number, collection: string) => Promise<unknown>;

/** Writes and judges page after page until the time is over; one at least. */
export async function playReplies(stage: Stage, options: RepliesOptions): Promise<void> {
  const { tally, set } = stage;
  const thief = new Thief(set);
  const dice = stage.dice('replies');
  const bare = await stage.client();
  const callers: { readonly usual: Caller; readonly hasty: Caller }[] = [];
  for (let i = 0; i < clients; i++) {
    const client = await stage.client({
      appName: 'ledger',
      monitorCommands: true,
      minHeartbeatFrequencyMS: 20,
    });
    thief.watch(client);
    const onRetry = () => tally.add('repetitions');
    callers.push(
      options.naive
        ? { usual: naively(client, patience), hasty: naively(client, shortPatience) }
        : {
            usual: through(mongoProxy(client, { patience, onRetry })),
            hasty: through(mongoProxy(client, { patience: shortPatience, onRetry })),
          },
    );
  }
  const names = ['operations', 'lost replies', 'acknowledged', 'outcome unknown'];
  for (const name of [...names, 'patience exhausted', 'failed', 'unanswered']) tally.add(name, 0);

  const isCaught = () => options.naive && tally.of('applied twice or more') > 0;
  for (let page = 1; page === 1 || !(stage.isOver() || isCaught()); page++) {
    const collection = `page-${page}`;
    const first = (page - 1) * options.pageLength;
    const plan = Array.from({ length: options.pageLength }, (_, at) => ({
      op: first + at,
      verb: options.verbs[(first + at) % options.verbs.length] ?? '',
      fate: fateOf(dice),
    }));
    const lines = bare.db(database).collection<Line>(collection);
    await insist(() => lines.createIndex({ op: 1 }));
    await lines.insertMany(plan.flatMap(({ op, verb }) => verbs[verb]?.before(op) ?? []));

    const accounts: Account[] = [];
    const begun = stage.elapsed;
    const work = async ({ usual, hasty }: (typeof callers)[number]): Promise<void> => {
      for (let next = plan.shift(); next !== undefined; next = plan.shift()) {
        // A first page is long enough for every kind of write to come up.
        if (stage.signal.aborted || (page > 1 && stage.isOver())) return;
        const { op, verb: name, fate } = next;
        const verb = verbs[name] as Verb;
        await thief.steal(fate);
        try {
          const call = (fate.hasty ? hasty : usual)(verb, op, collection);
          accounts.push({ op, verb: name, answer: await answered(call, limit) });
        } catch (error) {
          accounts.push({ op, verb: name, error });
        }
      }
    };
    await Promise.all(
      callers.flatMap((each) => Array.from({ length: workersOfClient }, () => work(each))),
    );
    await thief.rest();
    tally.add('milliseconds', Math.round(stage.elapsed - begun));
    judge(accounts, await readLines(bare, collection), tally);
    tally.add('lost replies', thief.takeLost());
    await lines.drop();
  }
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
    lost: hasty && dice.chance(0.5) ? 0 : dice.between(1, 20),
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

/** Takes replies away: as many as the operations under way are to lose together. */
class Thief {
  readonly #set: ReplicaSet;
  #owed = 0;
  #failed = 0;
  #reported = 0;

  constructor(set: ReplicaSet) {
    this.#set = set;
  }

  /** Counts what a client with `monitorCommands` has lost. */
  watch(client: MongoClient): void {
    client.on('commandFailed', ({ failure }: CommandFailedEvent) => {
      if (failure.name === 'MongoNetworkError') this.#failed += 1;
    });
  }

  async steal({ lost, failure }: Fate): Promise<void> {
    this.#owed += lost;
    await this.#set.loseReplies(Math.max(0, this.#owed - this.#failed));
    if (failure !== undefined) await this.#set.failCommand({ ...failure, appName: 'ledger' });
  }

  async rest(): Promise<void> {
    await this.#set.loseReplies(0);
    await this.#set.failCommand({ failCommands: ['insert'], times: 0 });
    this.#owed = this.#failed;
  }

  /** How many replies were lost since this was asked last. */
  takeLost(): number {
    const lost = this.#failed - this.#reported;
    this.#reported = this.#failed;
    return lost;
  }
}
