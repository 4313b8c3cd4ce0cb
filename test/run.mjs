// `npm test`: checks, builds, and runs every suite, the cheap ones first; `node test/run.mjs unit webview` runs those alone.
// Each suite closes with its count; one that ran no test has failed. A suite whose tools cannot be had is "not run", which
// fails too where CI is set. The last line is the sum.
import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runHostSuite } from './host/run.mjs';
import { installPackages } from './setup/packages.mjs';
import { installVscode } from './vscode/install.mjs';

/**
 * @typedef {{ readonly passed: number, readonly failed: number, readonly skipped: number }} Counts
 * @typedef {{
 *   readonly name: string,
 *   readonly packages: string,
 *   readonly setup?: () => Promise<unknown>,
 *   readonly run: () => Promise<Counts>,
 * }} Suite
 * `packages` names it in test/setup/packages.mjs; `setup` throws where something cannot be had.
 */

const root = fileURLToPath(new URL('..', import.meta.url));
const inCi = (process.env['CI'] ?? '') !== '';

/** @type {readonly Suite[]} */
const suites = [
  vitestSuite('unit'),
  vitestSuite('protocol'),
  vitestSuite('fuzz'),
  vitestSuite('differential'),
  hostSuite('host', 'trusted', 'newest'),
  hostSuite('host-untrusted', 'untrusted', 'newest'),
  hostSuite('host-oldest', 'trusted', 'oldest'),
  { ...vitestSuite('webview'), setup: () => installVscode('newest', reportSetup) },
];

process.exitCode = await main(process.argv.slice(2));

/**
 * @param {readonly string[]} names
 * @returns {Promise<number>} The exit code.
 */
async function main(names) {
  const unknown = names.filter(name => !suites.some(suite => suite.name === name));
  if (unknown.length > 0) {
    console.error(`No such suite: ${unknown.join(', ')}. There are: ${suites.map(({ name }) => name).join(', ')}.`);
    return 2;
  }
  const chosen = names.length === 0 ? suites : suites.filter(({ name }) => names.includes(name));
  let passed = 0;
  let failed = 0;
  const add = (/** @type {Counts} */ counts) => {
    passed += counts.passed;
    failed += counts.failed;
  };

  const missing = await installPackages(
    chosen.map(suite => suite.packages),
    line => console.log(`setup: ${line}`),
  );
  // Types and style are for the whole tree; a single suite does not wait for them.
  if (names.length === 0) add(await closed('check', check));
  const built = await closed('build', build);
  if (built.failed > 0) add(built);
  else for (const suite of chosen) add(await runSuite(suite, missing.get(suite.packages)));
  console.log(`${passed} passed, ${failed} failed`);
  return failed === 0 ? 0 : 1;
}

/**
 * @param {Suite} suite
 * @param {string | undefined} missing Why it cannot run.
 * @returns {Promise<Counts>}
 */
async function runSuite(suite, missing) {
  const reason = missing ?? (await suite.setup?.().then(() => undefined, describe));
  if (reason !== undefined) {
    console.log(`${suite.name}: not run: ${reason}`);
    return { passed: 0, failed: inCi ? 1 : 0, skipped: 0 };
  }
  return await closed(suite.name, suite.run);
}

/**
 * Runs and says how it went in a line of its own. What ran no test, or skipped one, has failed: nobody would notice.
 * @param {string} name
 * @param {() => Promise<Counts>} run
 * @returns {Promise<Counts>}
 */
async function closed(name, run) {
  console.log(`\n── ${name} ──`);
  const began = performance.now();
  const { passed, failed, skipped } = await run().catch(error => {
    console.error(describe(error));
    return { passed: 0, failed: 1, skipped: 0 };
  });
  const nothing = passed + failed + skipped === 0;
  const seconds = ((performance.now() - began) / 1000).toFixed(1);
  const remarks = [nothing ? ', which is a failure: no test ran' : '', skipped > 0 ? `, ${skipped} skipped` : ''];
  console.log(`${name}: ${passed} passed, ${failed} failed${remarks.join('')} (${seconds} s)`);
  return { passed, failed: failed + skipped + (nothing ? 1 : 0), skipped: 0 };
}

/** @returns {Promise<Counts>} */
async function check() {
  const steps = ['check:types', 'check:style'];
  let failed = 0;
  for (const step of steps) if ((await run('npm', ['run', '--silent', step])) !== 0) failed += 1;
  return { passed: steps.length - failed, failed, skipped: 0 };
}

/** @returns {Promise<Counts>} */
async function build() {
  const code = await run(process.execPath, ['esbuild.mjs', '--tests']);
  return code === 0 ? { passed: 1, failed: 0, skipped: 0 } : { passed: 0, failed: 1, skipped: 0 };
}

/**
 * One project of test/vitest.config.ts.
 * @param {string} name
 * @returns {Suite}
 */
function vitestSuite(name) {
  return { name, packages: name, run: () => runVitest(name) };
}

/**
 * @param {string} project
 * @returns {Promise<Counts>}
 */
async function runVitest(project) {
  const scratch = await mkdtemp(join(tmpdir(), 'binary-detective-test-'));
  const output = join(scratch, 'report.json');
  try {
    const code = await run(process.execPath, [
      ...['node_modules/vitest/vitest.mjs', 'run', '--config', 'test/vitest.config.ts', '--project', project],
      ...['--reporter=default', '--reporter=json', `--outputFile.json=${output}`],
    ]);
    const report = JSON.parse(await readFile(output, 'utf8').catch(() => '{}'));
    const passed = report.numPassedTests ?? 0;
    // A file that could not even be read in, or an error outside any test, counts as one failed test.
    const failed = Math.max(report.numFailedTests ?? 0, code === 0 ? 0 : 1);
    return { passed, failed, skipped: (report.numTotalTests ?? 0) - passed - (report.numFailedTests ?? 0) };
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

/**
 * @param {string} name
 * @param {'trusted' | 'untrusted'} trust
 * @param {import('./vscode/install.mjs').VscodeRelease} release
 * @returns {Suite}
 */
function hostSuite(name, trust, release) {
  const setup = async () => {
    if (process.env['VSCODE_EXECUTABLE'] === undefined) await installVscode(release, reportSetup);
  };
  return { name, packages: 'host', setup, run: () => runHostSuite({ trust, release }) };
}

/** @param {string} line */
function reportSetup(line) {
  console.log(`setup: ${line}`);
}

/**
 * @param {string} command
 * @param {readonly string[]} args
 * @returns {Promise<number>}
 */
function run(command, args) {
  const child = spawn(command, args, { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', code => resolve(code ?? 1));
  });
}

/** @param {unknown} error */
function describe(error) {
  return error instanceof Error ? error.message : String(error);
}
