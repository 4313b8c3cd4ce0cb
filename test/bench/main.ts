/**
 * Side by side, in one run: what a question costs us, and what a person would otherwise run for it. Prints medians and the
 * ratio pair by pair; never fails by the clock. `npm run bench` runs them all but the slow ones, `npm run bench scan lint` these.
 */
import { startLanguageServer } from '../support/language-client.ts';
import { benchActivation } from './activation.ts';
import { benchCythonCompiler } from './cython-compiler.ts';
import { benchFilter } from './filter.ts';
import { benchFirstPage } from './first-page.ts';
import { benchLint } from './lint.ts';
import { benchLoaderTrace } from './loader-trace.ts';
import { type Bench, serverBundle } from './measure.ts';
import { benchMemory } from './memory.ts';
import { benchOverview } from './overview.ts';
import { benchScan } from './scan.ts';
import { benchScanMachine } from './scan-machine.ts';
import { benchShim } from './shim.ts';
import { benchSweep } from './sweep.ts';
import { benchTree } from './tree.ts';

interface Measurement {
  readonly name: string;
  readonly run: Bench;
  /** Only where it is named. */
  readonly isSlow?: true;
}

/** A new one is a file and a line here. Memory comes last: it is that of the server after all else. */
const measurements: readonly Measurement[] = [
  { name: 'tree', run: benchTree },
  { name: 'overview', run: benchOverview },
  { name: 'first-page', run: benchFirstPage },
  { name: 'filter', run: benchFilter },
  { name: 'scan', run: benchScan },
  { name: 'scan-machine', run: benchScanMachine },
  { name: 'loader-trace', run: benchLoaderTrace },
  { name: 'lint', run: benchLint },
  { name: 'cython-compiler', run: benchCythonCompiler },
  { name: 'shim', run: benchShim },
  { name: 'sweep', run: benchSweep, isSlow: true },
  { name: 'memory', run: benchMemory },
  { name: 'activation', run: benchActivation, isSlow: true },
];

async function main(names: readonly string[]): Promise<number> {
  const unknown = names.filter(name => !measurements.some(measurement => measurement.name === name));
  if (unknown.length > 0) {
    const known = measurements.map(({ name }) => name).join(', ');
    console.error(`No such measurement: ${unknown.join(', ')}. There are: ${known}.`);
    return 2;
  }
  const chosen = measurements.filter(({ name, isSlow }) =>
    names.length === 0 ? isSlow !== true : names.includes(name),
  );
  const client = await startLanguageServer({ bundlePath: serverBundle });
  try {
    for (const { run } of chosen) await run(client);
  } finally {
    await client.close();
  }
  return 0;
}

process.exitCode = await main(process.argv.slice(2));
