/**
 * Says in the closing lines which suites were skipped, by name and reason.
 *
 * A suite's name tells what it needs: "… (needs a JDK: javac)". With
 * HOLDFAST_SKIPS=fail a skipped suite fails the run.
 */
import type { Reporter, TestModule, TestSuite } from 'vitest/node';

function* skippedSuites(parent: TestModule | TestSuite): Generator<string> {
  for (const suite of parent.children.suites()) {
    if (suite.options.mode === 'skip') yield suite.fullName;
    else yield* skippedSuites(suite);
  }
}

export default class SkipReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const skipped = modules.flatMap((module) =>
      [...skippedSuites(module)].map((suite) => `${module.relativeModuleId}: ${suite}`),
    );
    if (skipped.length === 0) return;
    console.error('\nSkipped, because something is missing on this machine:');
    for (const suite of skipped) console.error(`  ${suite}`);
    if (process.env.HOLDFAST_SKIPS === 'fail') {
      console.error('All of it can be installed here, so this is a failure.');
      process.exitCode = 1;
    }
  }
}
