// A real VS Code as a server on this machine, and the address of its page with the extension of this repository in it.
import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

/**
 * @typedef {{ readonly origin: string, readonly dataFolder: string, readonly close: () => Promise<void> }} ServedVscode
 * @typedef {{
 *   readonly folder: string,
 *   readonly extensionDevelopmentPath: string,
 *   readonly extensionTestsPath?: string,
 * }} Window
 */

/** What every window has: no greeting, no assistant, nothing that asks the network. */
const calmSettings = {
  'chat.disableAIFeatures': true,
  'extensions.ignoreRecommendations': true,
  'security.workspace.trust.banner': 'never',
  'security.workspace.trust.startupPrompt': 'never',
  'telemetry.telemetryLevel': 'off',
  'update.mode': 'none',
  'window.commandCenter': false,
  'workbench.enableExperiments': false,
  'workbench.secondarySideBar.defaultVisibility': 'hidden',
  'workbench.startupEditor': 'none',
  'workbench.tips.enabled': false,
};

/** The settings with which every folder is trusted; without them a new folder opens in Restricted Mode. */
export const trustedSettings = { 'security.workspace.trust.enabled': false };

/** How long a server may take to shut down before it is killed. */
const graceMs = 3000;
const startDeadlineMs = 60_000;

/**
 * @param {import('./install.mjs').InstalledVscode} vscode
 * @param {Readonly<Record<string, unknown>>} settings User settings beside the calm ones.
 * @param {{ readonly dataFolder?: string, readonly port?: number }} [place] Absent: a temporary folder, any free port.
 * @returns {Promise<ServedVscode>}
 */
export async function serveVscode(vscode, settings, place = {}) {
  const dataFolder = place.dataFolder ?? (await mkdtemp(join(tmpdir(), 'binary-detective-vscode-')));
  const userFolder = join(dataFolder, 'data/User');
  await mkdir(userFolder, { recursive: true });
  const text = JSON.stringify({ ...calmSettings, ...settings }, null, 2);
  // In a folder that is kept, what the person has set there holds.
  await writeFile(join(userFolder, 'settings.json'), text, { flag: 'wx' }).catch(ignoreExisting);

  const args = [
    ...[vscode.server, '--host', '127.0.0.1', '--port', String(place.port ?? 0), '--without-connection-token'],
    ...['--accept-server-license-terms', '--server-data-dir', dataFolder, '--telemetry-level', 'off'],
    // Without it a released build ignores the page's `payload`.
    '--enable-smoke-test-driver',
  ];
  // A process group of its own, so that the extension hosts end with it.
  const server = spawn(vscode.node, args, { detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
  const exited = new Promise(resolve => {
    server.once('exit', resolve);
  });
  // However this process ends, short of being killed, the server ends with it.
  const end = () => signalGroup(server.pid, 'SIGKILL');
  process.once('exit', end);
  const close = async () => {
    process.off('exit', end);
    signalGroup(server.pid, 'SIGTERM');
    await Promise.race([exited, new Promise(resolve => setTimeout(resolve, graceMs).unref())]);
    end();
    if (place.dataFolder === undefined) await rm(dataFolder, { recursive: true, force: true, maxRetries: 5 });
  };
  try {
    return { origin: await listeningAt(server), dataFolder, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/**
 * The page that opens a folder with the extension under development, and runs its tests where there are any.
 * @param {string} origin
 * @param {Window} window
 */
export function pageAddress(origin, { folder, extensionDevelopmentPath, extensionTestsPath }) {
  const remote = (/** @type {string} */ path) => `vscode-remote://${new URL(origin).host}${path}`;
  const payload = [['extensionDevelopmentPath', remote(extensionDevelopmentPath)]];
  if (extensionTestsPath !== undefined) payload.push(['extensionTestsPath', remote(extensionTestsPath)]);
  return `${origin}/?${new URLSearchParams({ folder, payload: JSON.stringify(payload) })}`;
}

/**
 * @param {import('node:child_process').ChildProcessByStdio<null, import('node:stream').Readable, import('node:stream').Readable>} server
 * @returns {Promise<string>}
 */
function listeningAt(server) {
  /** @type {string[]} */
  const printed = [];
  return new Promise((resolve, reject) => {
    for (const stream of [server.stdout, server.stderr]) {
      createInterface({ input: stream }).on('line', line => {
        if (printed.length < 100) printed.push(line);
        const port = /Extension host agent listening on (\d+)/u.exec(line)?.[1];
        if (port !== undefined) resolve(`http://127.0.0.1:${port}`);
        // It says so and stays, deaf.
        if (line.includes('EADDRINUSE')) reject(new Error(line));
      });
    }
    const late = () => reject(new Error(`VS Code's server did not begin to listen:\n${printed.join('\n')}`));
    setTimeout(late, startDeadlineMs).unref();
    server.once('error', reject);
    server.once('exit', code =>
      reject(new Error(`VS Code's server ended with ${code} before it listened:\n${printed.join('\n')}`)),
    );
  });
}

/**
 * @param {number | undefined} pid
 * @param {NodeJS.Signals} signal
 */
function signalGroup(pid, signal) {
  if (pid === undefined) return;
  try {
    process.kill(-pid, signal);
  } catch {
    // All of it is gone already.
  }
}

/** @param {unknown} error */
function ignoreExisting(error) {
  if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
}
