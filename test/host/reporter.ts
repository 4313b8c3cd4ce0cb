import { writeFileSync } from 'node:fs';
import Mocha from 'mocha';

/** The launcher knows our lines among VS Code's own by it (test/vscode/launch.mjs). */
const suiteMark = '[suite] ';

/** Prints a line a test, and keeps the counts in the file that the runner reads (`BINARY_DETECTIVE_TEST_REPORT`). */
export class HostReporter extends Mocha.reporters.Base {
  constructor(runner: Mocha.Runner, options?: Mocha.MochaOptions) {
    super(runner, options);
    const counts = { passed: 0, failed: 0, skipped: 0 };
    const { EVENT_TEST_PASS, EVENT_TEST_FAIL, EVENT_TEST_PENDING, EVENT_RUN_END } = Mocha.Runner.constants;
    runner.on(EVENT_TEST_PASS, test => {
      counts.passed += 1;
      printLine(` ✓ ${test.titlePath().join(' › ')} (${test.duration ?? 0} ms)`);
    });
    runner.on(EVENT_TEST_FAIL, (test, error: Error) => {
      counts.failed += 1;
      printLine(` ✗ ${test.titlePath().join(' › ')}\n${error.stack ?? error.message}`);
    });
    runner.on(EVENT_TEST_PENDING, test => {
      counts.skipped += 1;
      printLine(` - ${test.titlePath().join(' › ')}: skipped`);
    });
    runner.on(EVENT_RUN_END, () => {
      const path = process.env['BINARY_DETECTIVE_TEST_REPORT'];
      if (path !== undefined) writeFileSync(path, JSON.stringify(counts));
    });
  }
}

/** In the output of the run, among the lines of the tests. */
export function printLine(text: string): void {
  for (const line of text.split('\n')) console.log(`${suiteMark}${line}`);
}
