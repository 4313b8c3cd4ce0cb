// Runs the Mocha suite of this folder in a real VS Code: a desktop one where VSCODE_EXECUTABLE names it, else a served one.
import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runTests } from '@vscode/test-electron';

const root = resolve(fileURLToPath(new URL('../..', import.meta.url)));

/**
 * @param {{ readonly trust: 'trusted' | 'untrusted', readonly release: import('../vscode/install.mjs').VscodeRelease }} window
 * @returns {Promise<import('../run.mjs').Counts>}
 */
export async function runHostSuite({ trust, release }) {
  const scratch = await mkdtemp(join(tmpdir(), 'binary-detective-host-'));
  const report = join(scratch, 'report.json');
  // Empty: each test makes the files that it is about.
  const workspace = join(scratch, 'workspace');
  await mkdir(workspace);
  try {
    await runTests({
      vscodeExecutablePath: process.env['VSCODE_EXECUTABLE'] ?? join(root, 'test/vscode/launch.mjs'),
      extensionDevelopmentPath: root,
      extensionTestsPath: join(root, 'dist/test/host/index.cjs'),
      extensionTestsEnv: {
        BINARY_DETECTIVE_TEST_REPORT: report,
        BINARY_DETECTIVE_TEST_TRUST: trust,
        BINARY_DETECTIVE_TEST_VSCODE: release,
      },
      launchArgs: [workspace],
    });
    return await readReport(report);
  } catch (error) {
    // A failed test is in the report; anything else has none.
    const counts = await readReport(report);
    if (counts.failed > 0) return counts;
    console.error(error instanceof Error ? error.message : error);
    return { ...counts, failed: 1 };
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

/**
 * @param {string} report
 * @returns {Promise<import('../run.mjs').Counts>}
 */
async function readReport(report) {
  const text = await readFile(report, 'utf8').catch(() => undefined);
  return text === undefined ? { passed: 0, failed: 0, skipped: 0 } : JSON.parse(text);
}
