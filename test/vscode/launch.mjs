#!/usr/bin/env node
// Stands in for the desktop program that @vscode/test-electron starts: takes its arguments, opens the same window in a
// served VS Code, and exits with the suite's code. Two variables say what the arguments cannot: BINARY_DETECTIVE_TEST_TRUST
// (`untrusted`: the folder opens in Restricted Mode) and BINARY_DETECTIVE_TEST_VSCODE (`newest` or `oldest`).
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { launchBrowser } from './browse.mjs';
import { installVscode } from './install.mjs';
import { pageAddress, serveVscode, trustedSettings } from './serve.mjs';

/** Begins the lines of our suite (test/host/reporter.ts); all else is VS Code's own, told only when the suite fails. */
const suiteMark = '[suite] ';
/** A suite that neither passes nor fails has hung. */
const deadlineMs = 10 * 60_000;

const { env, argv } = process;
const release = env['BINARY_DETECTIVE_TEST_VSCODE'] === 'oldest' ? 'oldest' : 'newest';
const settings = env['BINARY_DETECTIVE_TEST_TRUST'] === 'untrusted' ? {} : trustedSettings;
const folder = argv.slice(2).find(argument => !argument.startsWith('-')) ?? process.cwd();

// What was started ends with this process.
for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP']))
  process.once(signal, () => process.exit(1));
const installed = await installVscode(release, console.log);
const vscode = await serveVscode(installed, settings);
const browser = await launchBrowser(installed.browser);
const close = async () => {
  await browser.close();
  await vscode.close();
};
try {
  const { code, rest } = await runSuite();
  if (code !== 0) console.error([...rest, ...extensionLogs(vscode.dataFolder)].join('\n'));
  process.exitCode = code;
} finally {
  await close();
}

/** @returns {Promise<{ readonly code: number, readonly rest: readonly string[] }>} */
async function runSuite() {
  /** @type {string[]} */
  const rest = [];
  const page = await browser.newPage({ viewport: { width: 1400, height: 900 } });
  return await new Promise((resolve, reject) => {
    const open = async () => {
      await page.exposeFunction('codeAutomationLog', (/** @type {string} */ _type, /** @type {unknown[]} */ args) => {
        const line = args.join(' ');
        if (line.startsWith(suiteMark)) console.log(line.slice(suiteMark.length));
        else rest.push(line);
      });
      await page.exposeFunction('codeAutomationExit', (/** @type {number} */ code) => resolve({ code, rest }));
      setTimeout(() => {
        rest.push(`The suite has not ended after ${deadlineMs / 60_000} minutes.`);
        resolve({ code: 1, rest });
      }, deadlineMs).unref();
      page.on('crash', () => reject(new Error("VS Code's page crashed.")));
      await page.goto(
        pageAddress(vscode.origin, {
          folder,
          extensionDevelopmentPath: option('extensionDevelopmentPath'),
          extensionTestsPath: option('extensionTestsPath'),
        }),
      );
    };
    open().catch(reject);
  });
}

/** @param {string} name */
function option(name) {
  const prefix = `--${name}=`;
  const value = argv.find(argument => argument.startsWith(prefix))?.slice(prefix.length);
  if (value === undefined) throw new Error(`${prefix}… is missing.`);
  return value;
}

/**
 * What the extension under test has logged.
 * @param {string} dataFolder
 */
function extensionLogs(dataFolder) {
  return readdirSync(dataFolder, { recursive: true, encoding: 'utf8' })
    .filter(name => name.endsWith('Binary Detective.log'))
    .map(name => `── ${name}\n${readFileSync(join(dataFolder, name), 'utf8')}`);
}
