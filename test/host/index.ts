import Mocha from 'mocha';
import { HostReporter } from './reporter.ts';

/** What VS Code calls in its extension host; rejects when a test failed. `GREP` chooses among the tests while one works on them. */
export async function run(): Promise<void> {
  const grep = process.env['GREP'];
  const mocha = new Mocha({ ui: 'bdd', timeout: 60_000, reporter: HostReporter, ...(grep !== undefined && { grep }) });
  // Mocha's globals must be there before the tests are read in.
  mocha.suite.emit('pre-require', globalThis, 'index', mocha);
  await import('./tests.ts');
  const failures = await new Promise<number>(resolve => {
    mocha.run(resolve);
  });
  if (failures > 0) throw new Error(`${failures} tests failed.`);
}
