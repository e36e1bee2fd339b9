/** What can be done to a set: single faults, and some in a row that bugs of a kind do not survive. */
import { setTimeout as pause } from 'node:timers/promises';
import type { Dice } from './dice.ts';
import { type Patient, within } from './patient.ts';

export interface FaultKind {
  readonly name: string;
  /** How often it is chosen, against the others. */
  readonly weight: number;
  /** How many faults there were: 0 when it could not be done now. */
  readonly strike: (patient: Patient, dice: Dice) => Promise<number>;
}

function kind(name: string, weight: number, strike: FaultKind['strike']): FaultKind {
  return { name, weight, strike };
}

/** A kind that is done to one running member; `undefined` from it means that it was done. */
function toOne(
  name: string,
  weight: number,
  strike: (patient: Patient, member: number, dice: Dice) => Promise<unknown>,
): FaultKind {
  return kind(name, weight, async (patient, dice) => {
    const { up, primary } = patient;
    if (up.length === 0) return 0;
    // The primary has most to lose.
    const member = primary !== undefined && dice.chance(0.4) ? primary : dice.pick(up);
    return (await strike(patient, member, dice)) === false ? 0 : 1;
  });
}

const failures = [
  { closeConnection: true },
  { errorCode: 10107 },
  { errorCode: 91 },
  { errorCode: 11602 },
  { blockConnection: true, blockTimeMS: 60 },
  { writeConcernError: { code: 64, errmsg: 'waiting for replication timed out' } },
] as const;

const failedCommands = [
  ['insert', 'update', 'findAndModify'],
  ['find', 'getMore'],
  ['commitTransaction'],
] as const;

export const faultKinds: readonly FaultKind[] = [
  kind('stepDown', 8, async ({ set }, dice) =>
    Number(await within(set.stepDown(dice.pick([0, 1])))),
  ),
  toOne('kill', 8, (patient, member) => patient.kill(member)),
  kind('restart', 14, async (patient, dice) => {
    if (patient.idle.length === 0) return 0;
    patient.restartSoon(dice.pick(patient.idle));
    return 1;
  }),
  toOne('cleanRestart', 2, async (patient, member) => patient.restartSoon(member)),
  kind('killAll', 1.5, async (patient, dice) => {
    await patient.kill(...patient.all);
    await restartInDisorder(patient, dice);
    return 1;
  }),
  toOne('freeze', 4, (patient, member) => patient.freeze(member)),
  kind('thaw', 8, async (patient, dice) => {
    if (patient.frozen.size === 0) return 0;
    patient.thaw(dice.pick([...patient.frozen]));
    return 1;
  }),
  kind('cutPrimary', 6, async (patient) => {
    if (patient.primary === undefined) return 0;
    await patient.cut([patient.primary]);
    return 1;
  }),
  kind('cut', 5, async (patient, dice) => {
    const some = dice.shuffled(patient.all).slice(0, dice.between(1, patient.majority - 1));
    await patient.cut(some);
    return 1;
  }),
  kind('join', 9, async (patient) => {
    if (!patient.isCut) return 0;
    await patient.join();
    return 1;
  }),
  toOne('lag', 5, ({ set }, member, dice) => within(set.lag(member, dice.pick([0, 0, 30, 200])))),
  toOne('slowDisk', 5, ({ set }, member, dice) =>
    within(set.slowDisk(member, dice.pick([0, 0, 10, 60]))),
  ),
  toOne('fillDisk', 3, ({ set }, member) => within(set.fillDisk(member))),
  kind('freeDisk', 6, async ({ set, all }) =>
    Number(
      (await Promise.all(all.map((index) => within(set.fillDisk(index, false))))).every(Boolean),
    ),
  ),
  toOne('skewClock', 4, ({ set }, member, dice) =>
    within(set.skewClock(member, dice.pick([0, 5000, -5000, 60_000, -60_000]))),
  ),
  kind('loseReplies', 10, async ({ set }, dice) =>
    Number(await within(set.loseReplies(dice.between(1, 6)))),
  ),
  kind('failCommand', 8, async ({ set }, dice) => {
    const failCommands = dice.pick(failedCommands);
    const failure = { failCommands, times: dice.between(1, 5), ...dice.pick(failures) };
    return Number(await within(set.failCommand(failure)));
  }),
  kind('crashInSync', 4, crashInSync),
  kind('forgottenVote', 3, forgottenVote),
];

async function restartInDisorder(patient: Patient, dice: Dice): Promise<void> {
  for (const index of dice.shuffled(patient.idle)) {
    patient.restartSoon(index);
    await pause(dice.between(0, 150));
  }
}

/** Everybody is killed while syncs take long: what was acknowledged before its sync is gone. */
async function crashInSync(patient: Patient, dice: Dice): Promise<number> {
  const slow = await Promise.all(
    patient.all.map((index) => within(patient.set.slowDisk(index, 80))),
  );
  await pause(dice.between(200, 400));
  await patient.kill(...patient.all);
  await Promise.all(patient.all.map((index) => within(patient.set.slowDisk(index, 0))));
  await restartInDisorder(patient, dice);
  return slow.length + 1;
}

/**
 * A member that knows nothing of the last election, and one that voted in it and
 * was restarted since, are left alone together: they must not hold it once more.
 */
async function forgottenVote(patient: Patient, dice: Dice): Promise<number> {
  const old = patient.primary;
  if (old === undefined || patient.up.length < patient.size) return 0;
  const ignorant = dice.pick(patient.all.filter((index) => index !== old));
  await patient.cut([ignorant]);
  if (!(await within(patient.set.stepDown(0)))) return 1;
  const elected = patient.primary;
  if (elected === undefined || elected === old) return 2;
  const voters = patient.all.filter((index) => index !== elected && index !== ignorant);
  await Promise.all([patient.cut([elected]), patient.kill(...voters)]);
  await patient.restart(...voters);
  await pause(dice.between(100, 500));
  return 4;
}
