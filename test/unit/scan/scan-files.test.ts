import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { beforeAll, describe, expect, test } from 'vitest';
import type { LoaderEnvironment } from '../../../language-server/dependencies/loader/environment.ts';
import { resolveTree } from '../../../language-server/dependencies/tree/tree.ts';
import type { ScannedFile } from '../../../language-server/protocol/scan.ts';
import { createMemoryStore } from '../../../language-server/scan/memory/memory-store.ts';
import { createScanMemories, type ScanMemories } from '../../../language-server/scan/memory/scan-memories.ts';
import { type ScanOptions, type ScanOutcome, scanFiles } from '../../../language-server/scan/scan-files.ts';
import { buildAll } from '../../support/loader-build.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const environment: LoaderEnvironment = { cwd: '/' };

interface Scanned extends ScanOutcome {
  readonly files: readonly ScannedFile[];
}

async function scan(folder: string, options: ScanOptions = {}): Promise<Scanned> {
  const files: ScannedFile[] = [];
  const outcome = await scanFiles([folder], { environment, ...options }, file => files.push(file));
  return { ...outcome, files };
}

const recipes = [
  { file: 'lib/libgone.so', soname: 'libgone.so' },
  { file: 'lib/libleaf.so', soname: 'libleaf.so' },
  { file: 'lib/libmiddle.so', soname: 'libmiddle.so', needs: ['libleaf.so', 'libgone.so'], runpath: '$ORIGIN' },
  { file: 'bin/app', program: true, needs: ['libmiddle.so', 'libc.so.6'], runpath: '$ORIGIN/../lib' },
] as const;

describe('a folder with a program that cannot be loaded', () => {
  const folder = temporaryFolder();
  const at = (name: string): string => join(folder, name);

  beforeAll(async () => {
    await buildAll(folder, recipes, temporaryFolder());
    rmSync(at('lib/libgone.so'));
    writeFileSync(at('notes.txt'), 'no ELF');
  });

  test('has in each file what the tree of that file has', async () => {
    const { files, looked, elf, errors } = await scan(folder);
    expect(files.map(({ path }) => path)).toEqual([at('bin/app'), at('lib/libleaf.so'), at('lib/libmiddle.so')]);
    expect({ looked, elf, errors }).toEqual({ looked: 4, elf: 3, errors: [] });
    for (const { path, problems, needs, soname, machine } of files) {
      const tree = await resolveTree(path, { environment });
      const root = tree.objects[tree.root];
      expect(problems).toEqual(tree.problems);
      expect({ needs: needs.map(need => need.name), soname, machine }).toEqual({
        needs: root?.needs.map(need => need.name),
        soname: root?.soname,
        machine: root?.machine,
      });
    }
    expect(files.map(({ problems }) => problems.map(({ code, edge }) => `${code} ${edge}`))).toEqual([
      ['dependencies/missing-library libgone.so'],
      [],
      ['dependencies/missing-library libgone.so'],
    ]);
  });

  test('names the path that each need comes to', async () => {
    const { files } = await scan(folder);
    expect(files.at(-1)?.needs).toEqual([
      { name: 'libleaf.so', object: at('lib/libleaf.so') },
      { name: 'libgone.so', object: null },
    ]);
  });

  test('hands libraries on by their SONAME', async () => {
    const { libraries } = await scan(folder);
    expect(libraries.map(({ soname }) => soname)).toEqual(['libleaf.so', 'libmiddle.so']);
  });

  test('can be excluded in parts', async () => {
    const { files } = await scan(folder, { exclude: ['bin'] });
    expect(files.map(({ path }) => path)).toEqual([at('lib/libleaf.so'), at('lib/libmiddle.so')]);
  });

  test('can be resolved under other conditions', async () => {
    const shelf = temporaryFolder();
    await buildAll(shelf, [{ file: 'libgone.so', soname: 'libgone.so' }]);
    const { files } = await scan(folder, { libraryPath: shelf });
    expect(files.flatMap(({ problems }) => problems)).toEqual([]);
  });

  test('is stopped by a signal, and says so', async () => {
    const stop = new AbortController();
    const answer = scan('/usr', { signal: stop.signal });
    await nextTurn();
    stop.abort();
    await expect(answer).rejects.toThrow(/aborted/u);
    await expect(scan(folder, { signal: stop.signal })).rejects.toThrow(/aborted/u);
  });

  test.each([
    ['a sysroot that is not there', { sysroot: '/no/such/sysroot' }, /sysroot \/no\/such\/sysroot is not a folder/u],
    ['a version of glibc that is none', { glibcVersion: 'new' }, /no version of glibc/u],
    ['a glob that is none', { exclude: ['{'.repeat(70_000)] }, /cannot be understood/u],
  ])('%s is refused before anything is looked at', async (_what, options, message) => {
    await expect(scan(folder, options)).rejects.toThrow(message);
  });
});

test('lets others work meanwhile', async () => {
  let isDone = false;
  let turns = 0;
  const done = scan('/usr/lib').then(() => {
    isDone = true;
  });
  while (!isDone) {
    await nextTurn();
    turns += 1;
  }
  await done;
  expect(turns).toBeGreaterThan(5);
});

test('files that nothing loads are told apart', async () => {
  const folder = temporaryFolder();
  await buildAll(folder, [{ file: 'lib.so' }]);
  copyFileSync(join(folder, 'lib.so'), join(folder, 'cut.so'));
  truncateSync(join(folder, 'cut.so'), 70);
  const { files } = await scan(folder);
  expect(files.map(({ path, state }) => `${path.slice(folder.length + 1)} ${state}`)).toEqual([
    '.empty64.o relocatable',
    'cut.so damaged',
    'lib.so resolved',
  ]);
  expect(files.map(({ problems }) => problems.map(({ code }) => code))).toEqual([[], ['scan/damaged-file'], []]);
});

/** The second time in the same process; in another one, which knows only what the first one has written down. */
const seconds: readonly (readonly [string, () => () => ScanMemories])[] = [
  [
    'in the same server',
    () => {
      const memories = createScanMemories();
      return () => memories;
    },
  ],
  [
    'in another process',
    () => {
      const store = createMemoryStore({
        folder: join(temporaryFolder(), 'scans'),
        program: 'test',
        log: line => expect.unreachable(line),
      });
      return () => createScanMemories(store, 1);
    },
  ],
];

describe.each(seconds)('a second scan %s, with what the first one saw', (_where, prepare) => {
  const clock = Date.now;

  /** The ctime of a file can't be set back, and what has just changed is not kept; so scans are later instead. */
  beforeAll(() => {
    Date.now = () => clock() + 10_000;
    return () => {
      Date.now = clock;
    };
  });

  /** Scans twice with a change between, and compares with a scan that remembers nothing. */
  async function afterChange(change: (folder: string) => Promise<void> | void, options: ScanOptions = {}) {
    const folder = temporaryFolder();
    await buildAll(folder, recipes, temporaryFolder());
    const memoriesOf = prepare();
    const again = async (): Promise<Scanned> => {
      const memories = memoriesOf();
      const scanned = await scan(folder, { ...options, memory: memories.of([folder], { environment, ...options }) });
      await memories.keep();
      return scanned;
    };
    expect(await again()).toEqual(await scan(folder, options));
    await change(folder);
    const second = await again();
    expect(second).toEqual(await scan(folder, options));
    expect(await again()).toEqual(second);
    return second.files.flatMap(({ problems }) => problems.map(({ code }) => code));
  }

  test('sees nothing new where nothing is', async () => {
    expect(await afterChange(() => undefined)).toEqual([]);
  });

  test('sees a library that is gone, in all that need it', async () => {
    const problems = await afterChange(folder => rmSync(join(folder, 'lib/libgone.so')));
    expect(problems).toEqual(['dependencies/missing-library', 'dependencies/missing-library']);
  });

  test('sees a library that came up where the loader looks earlier', async () => {
    const shelf = temporaryFolder();
    const problems = await afterChange(() => writeFileSync(join(shelf, 'libleaf.so'), 'text, which ends the search'), {
      libraryPath: shelf,
    });
    expect(problems).toEqual(['dependencies/unloadable-library', 'dependencies/unloadable-library']);
  });

  test('sees a library that is another one now', async () => {
    const problems = await afterChange(async folder => {
      await buildAll(folder, [{ file: 'lib/libleaf.so', needs: ['libnowhere.so'] }], temporaryFolder());
    });
    expect(problems).toContain('dependencies/missing-library');
    expect(problems).toHaveLength(3);
  });

  test('sees a folder that others may write to now', async () => {
    const problems = await afterChange(folder => chmodSync(join(folder, 'lib'), 0o777));
    expect(problems).toContain('dependencies/insecure-path');
  });

  test('sees a link that leads elsewhere now', async () => {
    const problems = await afterChange(folder => {
      renameSync(join(folder, 'lib/libgone.so'), join(folder, 'lib/libgone.so.1'));
      symlinkSync('libgone.so.1', join(folder, 'lib/libgone.so'));
    });
    expect(problems).toEqual([]);
  });

  test('sees inside a sysroot', async () => {
    const sysroot = temporaryFolder();
    await buildAll(
      sysroot,
      [{ file: 'usr/lib/libleaf.so' }, { file: 'usr/lib/libtop.so', needs: ['libleaf.so'] }],
      temporaryFolder(),
    );
    symlinkSync('usr/lib', join(sysroot, 'lib'));
    const memoriesOf = prepare();
    const options = { environment, sysroot };
    const again = async (): Promise<Scanned> => {
      const memories = memoriesOf();
      const scanned = await scan(sysroot, { ...options, memory: memories.of([sysroot], options) });
      await memories.keep();
      return scanned;
    };
    expect((await again()).files.at(-1)?.needs).toEqual([
      { name: 'libleaf.so', object: join(sysroot, 'usr/lib/libleaf.so') },
    ]);
    rmSync(join(sysroot, 'lib'));
    mkdirSync(join(sysroot, 'lib'));
    renameSync(join(sysroot, 'usr/lib/libleaf.so'), join(sysroot, 'lib/libleaf.so'));
    const moved = await again();
    expect(moved).toEqual(await scan(sysroot, options));
    const top = moved.files.find(({ path }) => path.endsWith('libtop.so'));
    expect(top?.needs).toEqual([{ name: 'libleaf.so', object: join(sysroot, 'lib/libleaf.so') }]);
  });

  test('does not take the answer under other conditions for its own', async () => {
    const folder = temporaryFolder();
    await buildAll(
      folder,
      [{ file: 'lib/libleaf.so' }, { file: 'libtop.so', needs: ['libleaf.so'] }],
      temporaryFolder(),
    );
    const memoriesOf = prepare();
    const problems = async (options: ScanOptions): Promise<number> => {
      const asked = { environment, ...options };
      const memories = memoriesOf();
      const { files } = await scan(folder, { ...asked, memory: memories.of([folder], asked) });
      await memories.keep();
      return files.flatMap(file => file.problems).length;
    };
    expect(await problems({})).toBe(1);
    expect(await problems({ libraryPath: join(folder, 'lib') })).toBe(0);
    expect(await problems({})).toBe(1);
  });

  test('two at the same time have the same answer', async () => {
    const folder = temporaryFolder();
    await buildAll(folder, recipes, temporaryFolder());
    const memoriesOf = prepare();
    const again = (): Promise<Scanned> => scan(folder, { memory: memoriesOf().of([folder], { environment }) });
    const [first, second] = await Promise.all([again(), again()]);
    expect(first).toEqual(second);
  });
});
