import { existsSync } from 'node:fs';
import { expect, test } from 'vitest';
import { resolveFile } from '../../language-server/dependencies/resolve-file.ts';
import { checkSymbols } from '../../language-server/dependencies/symbols/check-symbols.ts';
import { type ElfOnMachine, elfFilesBelow } from '../support/loader-files.ts';
import { glibcLoader } from '../support/loader-oracle.ts';
import { bindingsOf } from '../support/loader-symbols-check.ts';
import { askSymbols } from '../support/loader-symbols-oracle.ts';

/**
 * Programs and libraries of this machine: the undefined symbols are those of `ldd -r`, the unused needs those of `ldd -u`, and
 * each reference of each object goes where `LD_DEBUG=bindings` says. A sample, or with LOADER_SYMBOLS=all every file.
 */
const folders = ['/usr/bin', '/usr/sbin', '/usr/lib', '/usr/libexec', '/usr/local', '/lib', '/opt'].filter(existsSync);
const files = elfFilesBelow(folders);
const all = process.env['LOADER_SYMBOLS'] === 'all';
const environment = { cwd: '/' };
const batchSize = 32;

/** About so many, spread evenly. */
function sample(machine: number, bits: 32 | 64, wanted: number): readonly string[] {
  const own = files.filter(file => file.machine === machine && file.class === bits);
  const step = all ? 1 : Math.max(1, Math.floor(own.length / wanted));
  return own.filter((_, index) => index % step === 0).map(({ path }: ElfOnMachine) => path);
}

async function compareAll(
  loader: string,
  paths: readonly string[],
  question: 'undefined' | 'unused' | 'bindings',
  compare: (path: string, answer: Awaited<ReturnType<typeof askSymbols>>[number]) => Promise<string | null>,
): Promise<{ readonly compared: number; readonly disagreements: readonly string[] }> {
  const disagreements: string[] = [];
  let compared = 0;
  for (let start = 0; start < paths.length; start += batchSize) {
    const batch = paths.slice(start, start + batchSize);
    const answers = await askSymbols(loader, batch, question);
    for (const [index, answer] of answers.entries()) {
      const path = batch[index] ?? '';
      if (answer.error !== null) continue;
      compared += 1;
      const difference = await compare(path, answer);
      if (difference !== null) disagreements.push(`${path}: ${difference}`);
    }
  }
  return { compared, disagreements: all ? disagreements : disagreements.slice(0, 5) };
}

async function missingNames(path: string): Promise<ReadonlySet<string>> {
  const { loadOrder } = await resolveFile(path, environment, undefined);
  const edges = loadOrder.flatMap(map => map.edges);
  return new Set(edges.filter(({ found }) => found === null).map(({ expandedName }) => expandedName));
}

function difference(ours: readonly string[], theirs: readonly string[]): string | null {
  const [here, there] = [new Set(ours), new Set(theirs)];
  const onlyHere = [...here].filter(line => !there.has(line));
  const onlyThere = [...there].filter(line => !here.has(line));
  if (onlyHere.length + onlyThere.length === 0) return null;
  return `here ${onlyHere.slice(0, 3).join('; ')} (${onlyHere.length}), there ${onlyThere.slice(0, 3).join('; ')} (${onlyThere.length})`;
}

const oracles = [
  { name: 'x86-64', loader: glibcLoader, machine: 62, bits: 64 },
  { name: 'i386', loader: '/lib/ld-linux.so.2', machine: 3, bits: 32 },
] as const;

test.each(oracles)('undefined symbols of $name as ldd -r prints them', async ({ loader, machine, bits }) => {
  const { compared, disagreements } = await compareAll(
    loader,
    sample(machine, bits, 80),
    'undefined',
    async (path, answer) => {
      const { undefined: missing, copyMismatches } = await checkSymbols(path, { environment, limit: 1_000_000 });
      // Where a library is missing, the loader that only lists does not know the versions that are asked of it.
      const plain = (await missingNames(path)).size > 0 ? /, version [^\t]*/u : /$^/u;
      return (
        difference(
          missing.map(({ message, object }) => `${message}\t(${object})`.replace(plain, '')),
          answer.undefined.map(line => line.replace(plain, '')),
        ) ??
        difference(
          copyMismatches
            .filter(({ sizeBytes, providerSizeBytes }) => providerSizeBytes > sizeBytes)
            .map(({ name }) => name),
          answer.copies,
        )
      );
    },
  );
  expect(disagreements).toEqual([]);
  expect(compared).toBeGreaterThan(5);
});

test.each(oracles)('unused needs of $name as ldd -u prints them', async ({ loader, machine, bits }) => {
  const { compared, disagreements } = await compareAll(
    loader,
    sample(machine, bits, 80),
    'unused',
    async (path, answer) => {
      const { unused } = await checkSymbols(path, { environment });
      // What is not there is of no use to anybody; the loader says so of it too.
      const missing = await missingNames(path);
      return difference(
        unused.map(({ object }) => object),
        answer.unused.filter(name => !missing.has(name)),
      );
    },
  );
  expect(disagreements).toEqual([]);
  expect(compared).toBeGreaterThan(5);
});

test.each(oracles)('bindings of $name as LD_DEBUG=bindings prints them', async ({ loader, machine, bits }) => {
  const { compared, disagreements } = await compareAll(
    loader,
    sample(machine, bits, 25),
    'bindings',
    async (path, answer) => difference(await bindingsOf(path, environment), answer.bindings),
  );
  expect(disagreements).toEqual([]);
  expect(compared).toBeGreaterThan(5);
});
