import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { build32, buildAll, type Recipe } from '../support/loader-build.ts';
import { checkAgainstLoader } from '../support/loader-check.ts';
import { checkAgainstMusl } from '../support/loader-check-musl.ts';
import { muslLoader } from '../support/loader-oracle.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

/**
 * Random graphs of tiny libraries, spread over folders with every kind of search path, alias and broken candidate: the loader
 * and we must agree on each, down to the paths that are tried. A disagreement is shrunk to the smallest graph that shows it.
 */
const base = temporaryFolder();

const folder = fc.constantFrom('a', 'b', 'c', 'b/glibc-hwcaps/x86-64-v2', 'c/tls', '.');
const name = fc.constantFrom('lib0.so', 'lib1.so', 'lib2.so', 'lib3.so', 'lib4.so', 'lib5.so');
const place = fc.tuple(folder, name).map(parts => join(...parts));

/** `@` stands for the folder of the graph, which is also where tests run. */
const element = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom('@/a', '@/b', '@/c', '@') },
  { weight: 3, arbitrary: fc.constantFrom('$ORIGIN', '$ORIGIN/../b', '$' + '{ORIGIN}/../c', '$ORIGIN/a') },
  {
    weight: 1,
    arbitrary: fc.constantFrom('', 'a', './b', '@/none', '@/a/', '$ORIGINx', '@/lib0.so', '@/$PLATFORM', '@/b//.'),
  },
);
const searchPath = fc.array(element, { minLength: 1, maxLength: 4 }).map(elements => elements.join(':'));
/** Once in so many. */
const rarely = <T>(arbitrary: fc.Arbitrary<T>, times: number) =>
  fc.oneof({ weight: 1, arbitrary }, { weight: times - 1, arbitrary: fc.constant(undefined) });

const need = fc.oneof(
  { weight: 12, arbitrary: name },
  {
    weight: 1,
    arbitrary: fc.constantFrom('$ORIGIN/lib1.so', '$ORIGIN/../b/lib2.so', 'a/lib3.so', './c/lib4.so', '@/b/lib5.so'),
  },
  { weight: 1, arbitrary: fc.constantFrom('libm.so.6', 'libnone.so', 'ld-linux-x86-64.so.2', 'libnamed.so') },
);

const flags = fc.oneof(
  { weight: 12, arbitrary: fc.constant<string[]>([]) },
  { weight: 1, arbitrary: fc.constant(['-z', 'nodefaultlib']) },
);
/** Of one kind of file only: filters in a circle keep the loader busy until its stack is full. */
const filter = fc
  .tuple(fc.constantFrom('-f', '-F'), fc.constantFrom('lib4.so', 'lib5.so', 'libnone.so'))
  .map(words => [...words]);

const recipe = fc.record({
  needs: fc.array(need, { maxLength: 4 }),
  soname: rarely(fc.oneof(name, fc.constant('libnamed.so')), 3),
  rpath: rarely(searchPath, 3),
  runpath: rarely(searchPath, 4),
  flags,
});
const library = fc.record({ recipe, file: place, filter: rarely(filter, 5) });
/** Finds something. */
const rootRecipe = fc
  .record({
    own: recipe,
    needs: fc.array(need, { minLength: 2, maxLength: 5 }),
    path: searchPath,
    inherits: fc.boolean(),
  })
  .map(({ own, needs, path, inherits }) => ({
    ...own,
    needs,
    rpath: inherits ? path : undefined,
    runpath: inherits ? undefined : path,
  }));

const oddity = fc.record({
  file: place,
  what: fc.constantFrom('text', 'empty', 'folder', 'link', 'dangling', 'loop', '32-bit' as const),
  target: place,
});

const graph = fc.record({
  root: fc.record({ recipe: rootRecipe, program: fc.boolean() }),
  libraries: fc.uniqueArray(library, { selector: ({ file }) => file, minLength: 4, maxLength: 14 }),
  oddities: fc.array(oddity, { maxLength: 4 }),
  libraryPath: rarely(searchPath, 3),
  preload: rarely(fc.constantFrom('lib3.so', 'lib0.so:lib5.so', '@/a/lib1.so', 'libnone.so'), 6),
});

type Graph = typeof graph extends fc.Arbitrary<infer Value> ? Value : never;

/** ld writes no empty path. */
function toRecipe(
  file: string,
  { needs, soname, rpath, runpath, flags: own }: Graph['root']['recipe'],
  here: Here,
): Recipe {
  return {
    file,
    needs: needs.map(here),
    flags: own,
    ...(soname !== undefined && { soname }),
    ...(rpath && { rpath: here(rpath) }),
    ...(runpath && { runpath: here(runpath) }),
  };
}

type Here = (text: string) => string;

async function build(at: string, { root, libraries, oddities }: Graph): Promise<void> {
  const here: Here = text => text.replaceAll('@', at);
  const main: Recipe = { ...toRecipe('main', root.recipe, here), ...(root.program && { program: true }) };
  const recipes = libraries.map(each => {
    const made = toRecipe(each.file, each.recipe, here);
    return { ...made, flags: [...(made.flags ?? []), ...((/lib[0-3]/u.test(each.file) && each.filter) || [])] };
  });
  for (const each of ['a', 'b', 'c']) mkdirSync(join(at, each), { recursive: true });
  await buildAll(at, [main, ...recipes], base);
  for (const each of oddities) await makeOdd(at, each);
}

function makeOdd(at: string, { file, what, target }: Graph['oddities'][number]): void | Promise<void> {
  const path = join(at, file);
  mkdirSync(dirname(path), { recursive: true });
  rmSync(path, { recursive: true, force: true });
  switch (what) {
    case 'text':
      return writeFileSync(path, 'no library, but long enough to be read as a header of an ELF file\n');
    case 'empty':
      return writeFileSync(path, '');
    case 'folder':
      mkdirSync(path);
      return;
    case 'link':
      return symlinkSync(join(at, target), path);
    case 'dangling':
      return symlinkSync('nowhere', path);
    case 'loop':
      return symlinkSync(path, path);
    case '32-bit':
      return build32(at, file);
  }
}

interface Run {
  readonly graphs: number;
  readonly check: typeof checkAgainstLoader;
  /** What each graph's root is made. */
  readonly asRoot: (root: Graph['root']) => Graph['root'];
}

async function compare({ graphs, check, asRoot }: Run): Promise<void> {
  let built = 0;
  let objects = 0;
  await fc.assert(
    fc.asyncProperty(graph, async drawn => {
      built += 1;
      const each = { ...drawn, root: asRoot(drawn.root) };
      const at = mkdtempSync(join(base, 'graph-'));
      await build(at, each);
      const here: Here = text => text.replaceAll('@', at);
      const resolved = await check({
        file: join(at, 'main'),
        cwd: at,
        mode: each.root.program ? 'start' : 'loader',
        ...(each.libraryPath !== undefined && { libraryPath: here(each.libraryPath) }),
        ...(each.preload !== undefined && { preload: here(each.preload) }),
      });
      objects += resolved.loadOrder.length;
      rmSync(at, { recursive: true });
    }),
    { numRuns: graphs, seed: 20_260_101, interruptAfterTimeLimit: 240_000, markInterruptAsFailure: true },
  );
  expect(built).toBeGreaterThanOrEqual(graphs);
  expect(objects).toBeGreaterThan(2 * graphs);
}

test('250 random graphs', async () => {
  await compare({ graphs: 250, check: checkAgainstLoader, asRoot: root => root });
});

test('150 random graphs, loaded by musl', async () => {
  const asRoot: Run['asRoot'] = root => ({
    recipe: { ...root.recipe, flags: ['-dynamic-linker', muslLoader] },
    program: true,
  });
  await compare({ graphs: 150, check: checkAgainstMusl, asRoot });
});
