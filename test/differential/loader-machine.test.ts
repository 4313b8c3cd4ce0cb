import { existsSync } from 'node:fs';
import { expect, test } from 'vitest';
import type { LoaderEnvironment } from '../../language-server/dependencies/loader/environment.ts';
import { resolveTree } from '../../language-server/dependencies/tree/tree.ts';
import type { DependencyTree } from '../../language-server/protocol/dependencies.ts';
import { type ElfOnMachine, elfFilesBelow } from '../support/loader-files.ts';
import { askLoader, glibcLoader, type LoaderAnswer } from '../support/loader-oracle.ts';

/**
 * Every program and library of this machine: what the loader would map, by our rules, is what the loader itself lists; the
 * same paths in the same order, the same misses as often, the same version errors.
 */
const folders = ['/usr/bin', '/usr/sbin', '/usr/lib', '/usr/libexec', '/usr/local', '/lib', '/lib64', '/opt'].filter(
  existsSync,
);
const files = elfFilesBelow(folders);
const x8664 = files.filter(({ machine }) => machine === 62).filter(({ class: bits }) => bits === 64);
const i386 = files.filter(({ machine }) => machine === 3);
const loader32 = '/lib/ld-linux.so.2';

/** At most this many of a kind, spread evenly, so that a machine with a great many does not take forever. */
const mostFiles = 4000;
const batchSize = 64;

interface Result {
  readonly compared: number;
  /** The first of them, in words. */
  readonly disagreements: readonly string[];
}

async function compareAll(
  loader: string,
  elfs: readonly ElfOnMachine[],
  variables: Pick<LoaderEnvironment, 'libraryPath' | 'preload'> = {},
): Promise<Result> {
  const step = Math.max(1, elfs.length / mostFiles);
  const chosen = Array.from(
    { length: Math.floor(elfs.length / step) },
    (_, index) => elfs[Math.floor(index * step)]?.path ?? '',
  );
  const env = {
    ...(variables.libraryPath !== undefined && { LD_LIBRARY_PATH: variables.libraryPath }),
    ...(variables.preload !== undefined && { LD_PRELOAD: variables.preload }),
  };
  const disagreements: string[] = [];
  for (let start = 0; start < chosen.length; start += batchSize) {
    const batch = chosen.slice(start, start + batchSize);
    const answers = await askLoader(loader, { files: batch, env });
    for (const [index, answer] of answers.entries()) {
      const file = batch[index] ?? '';
      const tree = await resolveTree(file, { environment: { cwd: '/', ...variables } });
      // Of what needs nothing itself the loader says "statically linked", whatever is preloaded.
      if (
        tree.objects[tree.root]?.needs.every(
          ({ name, how }) => how?.rule === 'preload' || missedPreloads(tree).has(name),
        )
      )
        continue;
      const [ours, theirs] = [saidByUs(tree), saidByLoader(answer)];
      if (ours !== theirs) disagreements.push(`${file}\n  tree:   ${ours}\n  loader: ${theirs}`);
    }
  }
  return { compared: chosen.length, disagreements: disagreements.slice(0, 5) };
}

function saidByUs(tree: DependencyTree): string {
  const codes = tree.problems.map(({ code }) => code);
  if (codes.includes('dependencies/debug-file') || codes.includes('dependencies/unloadable-library')) return 'error';
  const preloads = missedPreloads(tree);
  const needs = Object.values(tree.objects).flatMap(object => object.needs);
  return JSON.stringify({
    found: tree.loadOrder.slice(1).map(id => tree.objects[id]?.path),
    missing: needs
      .filter(({ object, name }) => object === null && !preloads.has(name))
      .map(({ name }) => name)
      .sort(),
    versions: tree.problems
      .filter(({ code }) => code === 'dependencies/missing-version')
      .map(({ message }) => /version `.*' not found \(required by .*?\)/u.exec(message)?.[0])
      .sort(),
  });
}

/** The loader does not list them. */
function missedPreloads({ problems }: DependencyTree): ReadonlySet<string | undefined> {
  return new Set(problems.filter(({ code }) => code === 'dependencies/missing-preload').map(({ edge }) => edge));
}

function saidByLoader({ objects, error, versionErrors }: LoaderAnswer): string {
  if (error !== null) return 'error';
  return JSON.stringify({
    found: objects.flatMap(({ path }) => path ?? []),
    missing: objects
      .filter(({ path }) => path === null)
      .map(({ name }) => name)
      .sort(),
    versions: versionErrors,
  });
}

test(`${x8664.length} files as they are`, async () => {
  const { compared, disagreements } = await compareAll(glibcLoader, x8664);
  expect(compared).toBeGreaterThan(300);
  expect(disagreements).toEqual([]);
});

/** Folders that hold copies, other versions, other machines and nothing; a relative one; the working directory. */
const libraryPaths = [
  '/usr/lib/x86_64-linux-gnu:/nonexistent:/usr/lib',
  '/usr/lib32:/usr/lib/i386-linux-gnu:/usr/local/lib::usr/lib',
  '/lib64;$ORIGIN/../lib:$ORIGIN:/usr/$LIB/',
  '/usr/lib/x86_64-linux-musl:/usr/lib/gcc/x86_64-linux-gnu/12',
];

test.each(libraryPaths)('some of them under LD_LIBRARY_PATH=%s', async libraryPath => {
  // Each path has other files, so that all four together see most.
  const place = libraryPaths.indexOf(libraryPath);
  const some = x8664.filter((_, index) => index % 8 === place);
  const { compared, disagreements } = await compareAll(glibcLoader, some, { libraryPath });
  expect(compared).toBeGreaterThan(30);
  expect(disagreements).toEqual([]);
});

test('some of them under LD_PRELOAD', async () => {
  const preload = 'libm.so.6 /nonexistent.so:libz.so.1';
  const some = x8664.filter((_, index) => index % 16 === 5);
  const { compared, disagreements } = await compareAll(glibcLoader, some, { preload });
  expect(compared).toBeGreaterThan(10);
  expect(disagreements).toEqual([]);
});

test(`${i386.length} files of 32 bits`, async () => {
  const { disagreements } = await compareAll(loader32, i386);
  expect(disagreements).toEqual([]);
});
