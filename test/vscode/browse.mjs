// A headless browser that stays on this machine.
import { chromium } from 'playwright-core';

const switches = [
  '--no-sandbox',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-dev-shm-usage',
  '--disable-gpu',
  '--disable-quic',
  '--disable-sync',
  '--no-first-run',
];

/** @param {import('./install.mjs').InstalledBrowser} browser */
export async function launchBrowser({ executable, environment }) {
  return await chromium.launch({
    executablePath: executable,
    args: switches,
    env: { ...definedVariables(process.env), ...environment },
    // The launcher closes it by itself, whatever signal comes.
    handleSIGHUP: false,
    handleSIGINT: false,
    handleSIGTERM: false,
  });
}

/** @param {NodeJS.ProcessEnv} environment */
function definedVariables(environment) {
  /** @type {Record<string, string>} */
  const variables = {};
  for (const [name, value] of Object.entries(environment)) if (value !== undefined) variables[name] = value;
  return variables;
}
