/**
 * Runs the driver's own unified runner over MongoDB's specifications against a set it starts.
 *
 * Exit code 0 when every folder that was run reaches its target, else 1; 2 for wrong arguments.
 */
import { parseArgs } from 'node:util';
import { prepareCheckouts, versionsOf } from './checkouts.ts';
import { type FolderReport, reachesTarget, reasonsOf, shareOf, tableOf } from './folder-report.ts';
import { runFolder } from './folder-run.ts';
import { type Folder, folders } from './folders.ts';

const usage = `usage: npm run conformance -- SPECIFICATIONS DRIVER [options]

SPECIFICATIONS  a checkout of mongodb/specifications
DRIVER          a checkout of mongodb/node-mongodb-native

--folder NAME   only this folder; may be given again
--test TEXT     only tests whose title holds TEXT
--members N     how many members the set has (3)
--verbose       the stacks of failures, and what the driver's mocha prints`;

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof RangeError || error instanceof TypeError)) throw error;
  console.error(`${error.message}\n\n${usage}`);
  process.exitCode = 2;
}

async function main(args: string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      folder: { type: 'string', multiple: true },
      test: { type: 'string' },
      members: { type: 'string', default: '3' },
      verbose: { type: 'boolean', default: false },
    },
  });
  const [specifications, driver, ...rest] = positionals;
  if (specifications === undefined || driver === undefined || rest.length > 0)
    throw new RangeError(`Two folders are needed, not ${positionals.length}.`);
  const chosen = chooseFolders(values.folder);
  const checkouts = prepareCheckouts(specifications, driver);
  const { verbose, test } = values;
  const members = Number(values.members);
  const reports: FolderReport[] = [];
  for (const folder of chosen) {
    const options = { members, verbose, ...(test === undefined ? {} : { test }) };
    const report = await runFolder(folder, checkouts, options);
    tellFailures(report, verbose);
    reports.push(report);
  }
  const today = new Date().toISOString().slice(0, 10);
  console.log(`\n${reasonsOf(reports)}\n`);
  console.log(`${today}, ${members} members, Node ${process.version}, ${versionsOf(checkouts)}\n`);
  console.log(tableOf(reports));
  return reports.every(reachesTarget) ? 0 : 1;
}

function chooseFolders(names: readonly string[] | undefined): readonly Folder[] {
  if (names === undefined) return folders;
  return names.map((name) => {
    const folder = folders.find((each) => each.name === name);
    if (folder !== undefined) return folder;
    const known = folders.map((each) => each.name).join(', ');
    throw new RangeError(`No folder is called "${name}"; there are ${known}.`);
  });
}

function tellFailures(report: FolderReport, verbose: boolean): void {
  const { folder, passed, failed, notRun } = report;
  const share = (shareOf(report) * 100).toFixed(1);
  console.log(
    `${folder.name}: ${passed.length} passed, ${failed.size} failed, ${notRun.size} not run (${share} %)`,
  );
  for (const [title, { error, stack }] of failed) {
    console.log(`  FAILED ${title}\n         ${error.split('\n')[0]}`);
    if (verbose && stack !== undefined) console.log(stack.replace(/^/gm, '           '));
  }
}
