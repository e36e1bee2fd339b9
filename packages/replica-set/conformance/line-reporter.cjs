// A mocha reporter that appends one line of JSON for each thing that happens to a test.
'use strict';
const { appendFileSync } = require('node:fs');

module.exports = function LineReporter(runner) {
  const tell = (what, test, detail) => {
    const line = JSON.stringify({ what, title: test.titlePath().slice(1).join(' > '), ...detail });
    appendFileSync(process.env.HOLDFAST_RESULTS, `${line}\n`);
  };
  const tellAll = (suite) => {
    for (const test of suite.tests) tell('planned', test);
    for (const inner of suite.suites) tellAll(inner);
  };

  runner.on('start', () => {
    if (runner._grep) runner.grep(runner._grep, runner._invert);
    tellAll(runner.suite);
  });
  runner.on('test', (test) => tell('begun', test));
  runner.on('pass', (test) => tell('passed', test, { milliseconds: test.duration }));
  runner.on('pending', (test) => tell('skipped', test, { reason: reasonOf(test) }));
  runner.on('fail', (runnable, error) => {
    // A hook after a test that fails (the driver looks for leaks there) is that test's failure.
    const test = runnable.type === 'hook' ? (runnable.ctx.currentTest ?? runnable) : runnable;
    tell('failed', test, { error: String(error?.message ?? error), stack: error?.stack });
  });
};

function reasonOf(test) {
  for (let each = test; each !== undefined; each = each.parent)
    if (each.skipReason !== undefined) return each.skipReason;
  return 'no reason given';
}
