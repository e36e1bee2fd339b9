/** The part with kills: the primary dies again and again under fifty writers, with the proxy and without. */
import { setTimeout as pause } from 'node:timers/promises';
import { mongoProxy } from '@holdfast/mongo-proxy';
import type { MongoClient } from 'mongodb';
import { insist } from './insist.ts';
import { Killer } from './killer.ts';
import type { Stage } from './stage.ts';
import { lineOf, type Witness, Writers } from './writers.ts';

const size = 50;
const patience = 60_000;
/** Milliseconds after which an operation through the proxy counts as hanging. */
const proxyLimit = patience + 30_000;
/** The driver selects a server for 30 s. */
const bareLimit = 65_000;
/** Kills of one round, after which the books are judged. */
const killsOfRound = { proxy: 20, bare: 4 } as const;
type Side = keyof typeof killsOfRound;

/** Plays rounds until the time is over, in turns through the proxy and by the bare driver; one of each at least. */
export async function playKills(stage: Stage, verbs: readonly string[]): Promise<void> {
  const { tally } = stage;
  const bare = await stage.client();
  const onRetry = () => tally.add('proxy repetitions');
  const proxied = mongoProxy(await stage.client(), { patience, onRetry });
  for (const name of countsOf('proxy')) tally.add(name, 0);
  for (const name of countsOf('bare')) tally.add(name, 0);
  for (let round = 1; round === 1 || !stage.isOver(); round++) {
    // In a short run both sides get their turn.
    const share = round === 1 ? 0.8 : 1;
    await playRound(stage, 'proxy', round, proxied, bare, verbs, () => stage.isOver(share));
    if (round > 1 && stage.isOver()) break;
    await playRound(stage, 'bare', round, bare, bare, verbs, () => stage.isOver());
  }
}

function countsOf(side: Side): string[] {
  const names = ['kills', 'milliseconds', 'writes', 'errors', 'unanswered'];
  return [...names, 'acknowledged', 'counted'].map((name) => `${side} ${name}`);
}

async function playRound(
  stage: Stage,
  side: Side,
  round: number,
  client: MongoClient,
  bare: MongoClient,
  verbs: readonly string[],
  isOver: () => boolean,
): Promise<void> {
  const { set, tally } = stage;
  const database = `kills-${side}-${round}`;
  const dice = stage.dice(database);
  const killer = new Killer(set);
  const team = new Writers(client, database, {
    dice: stage.dice(`${database} writers`),
    size,
    limit: side === 'proxy' ? proxyLimit : bareLimit,
    verbs,
    witness: witnessOf(stage, side),
  });
  const began = stage.elapsed;
  await team.start(bare, database);
  await team.progress(size, proxyLimit);
  do {
    await pause(dice.between(0, 150));
    await killer.killPrimary();
    // The fallen come back after the election, or while it is under way; and now and then the next
    // primary dies before the last is back, so that for a while there is no majority.
    if (dice.chance(0.7)) await set.waitForPrimary();
    if (dice.chance(0.1)) await killer.killPrimary();
    await killer.mend();
    if (!(await team.progress(2 * size, proxyLimit))) {
      tally.find('writers get on after a kill', `${side}, round ${round}`);
      break;
    }
  } while (killer.kills < killsOfRound[side] && !isOver());
  await team.stop();
  tally.add(`${side} kills`, killer.kills);
  tally.add(`${side} milliseconds`, Math.round(stage.elapsed - began));
  const { acknowledged, counted, doubtful, wrong } = await team.judge(bare, database);
  tally.add(`${side} acknowledged`, acknowledged);
  tally.add(`${side} counted`, counted);
  tally.add(`${side} doubtful`, doubtful);
  const promise =
    side === 'proxy' ? 'a counter is what was acknowledged' : 'the set itself does a write once';
  for (const detail of wrong) tally.find(promise, `round ${round}: ${detail}`);
  await insist(() => bare.db(database).dropDatabase());
}

function witnessOf({ tally }: Stage, side: Side): Witness {
  const find = (promise: string, detail: string) => {
    if (side === 'proxy') tally.find(promise, detail);
  };
  return {
    acknowledged: () => tally.add(`${side} writes`),
    failed(kind, error) {
      tally.add(`${side} errors`);
      find(`no error reaches the caller of ${kind} while primaries are killed`, lineOf(error));
    },
    unanswered(kind) {
      tally.add(`${side} unanswered`);
      find('every operation is answered within patience and 30 s more', kind);
    },
    wrongAnswer: (_, detail) => find('the answer is that of the one application', detail),
  };
}
