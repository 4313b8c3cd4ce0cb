// `npm run code [-- FOLDER]`: the sample workspace, or a folder, in VS Code with this extension. A desktop VS Code where there
// is one; else a served one, whose page any browser on this machine can open. Ends with Ctrl-C.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { installFolder, installVscode } from './install.mjs';
import { pageAddress, serveVscode } from './serve.mjs';

const root = resolve(fileURLToPath(new URL('../..', import.meta.url)));
/** Always the same, so that an address can be kept; another one where it is taken. */
const usualPort = 8137;

const sample = join(root, 'test/workspace');
const folder = resolve(process.argv[2] ?? sample);
if (!existsSync(folder) || !statSync(folder).isDirectory()) {
  console.error(`${folder} is not a folder.`);
  process.exit(2);
}
// The server that was started ends with this process.
for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP']))
  process.once(signal, () => process.exit(0));
await build();
if (hasDesktop()) await openDesktop();
else await openServed();

/** A display, and a `code` that is not the command line of a terminal inside VS Code. */
function hasDesktop() {
  const display = process.platform !== 'linux' || process.env['DISPLAY'] || process.env['WAYLAND_DISPLAY'];
  return Boolean(display) && spawnSync('code', ['--version'], { stdio: 'ignore' }).status === 0;
}

async function openDesktop() {
  console.log(`Opening ${folder} in VS Code.`);
  process.exitCode = await run('code', ['--new-window', `--extensionDevelopmentPath=${root}`, folder]);
}

async function openServed() {
  const vscode = await installVscode('newest', console.log);
  // Kept between runs: what a person set up in this VS Code is there again.
  const place = { dataFolder: join(installFolder, 'data') };
  const served = await serveVscode(vscode, {}, { ...place, port: usualPort }).catch(() =>
    serveVscode(vscode, {}, place),
  );
  console.log(`VS Code ${vscode.version} with Binary Detective is at\n`);
  console.log(`  ${pageAddress(served.origin, { folder, extensionDevelopmentPath: root })}\n`);
  console.log('Open this address in a browser on this machine. Ctrl-C ends it.');
  // Stays for as long as the server's pipes are open.
}

async function build() {
  const code = await run(process.execPath, ['esbuild.mjs']);
  if (code !== 0) process.exit(code);
  // Its program and libraries; without a compiler there is still the rest to look at.
  if (folder === sample) await run('make', ['--silent', '-C', sample]).catch(error => console.error(String(error)));
}

/**
 * @param {string} command
 * @param {readonly string[]} args
 * @returns {Promise<number>}
 */
function run(command, args) {
  const child = spawn(command, args, { cwd: root, stdio: 'inherit' });
  return new Promise((done, reject) => {
    child.on('error', reject);
    child.on('close', code => done(code ?? 1));
  });
}
