import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { resolveTree } from '../../../language-server/dependencies/tree/tree.ts';
import { explainName } from '../../../language-server/dependencies/tree/why.ts';
import { decodeBytes } from '../../../language-server/native/byte-text.ts';
import type { DependencyTree } from '../../../language-server/protocol/dependencies.ts';
import { buildAll, type Recipe } from '../../support/loader-build.ts';
import { libraryWithNeeds } from '../../support/loader-many-needs.ts';
import { askLoader, glibcLoader } from '../../support/loader-oracle.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const base = temporaryFolder();
let folders = 0;
const clean = { environment: { cwd: '/' } };
/** For what reads or writes thousands of files, on a machine that is busy. */
const patientMs = 120_000;

async function built(...recipes: readonly Recipe[]): Promise<string> {
  folders += 1;
  const folder = join(base, `${folders}`);
  mkdirSync(folder);
  await buildAll(folder, recipes);
  return folder;
}

const chainName = (index: number): string => `lib_${String(index).padStart(6, '0')}.so`;

/** Many libraries by copying one and changing the name that it needs, where linking each would take long. */
async function buildChain(length: number, last: string): Promise<string> {
  const folder = await built({ file: 'template', needs: ['lib_NEEDED.so'], rpath: '$ORIGIN' });
  const template = readFileSync(join(folder, 'template'));
  const place = template.indexOf('lib_NEEDED.so');
  for (let index = 0; index < length; index += 1) {
    template.write(index + 1 < length ? chainName(index + 1) : last, place, 'latin1');
    writeFileSync(join(folder, chainName(index)), template);
  }
  return folder;
}

async function pathsByLoader(file: string): Promise<readonly (string | null)[]> {
  const [answer] = await askLoader(glibcLoader, { files: [file] });
  return answer?.objects.map(({ path }) => path) ?? [];
}

const pathsBelowRoot = ({ loadOrder }: DependencyTree): readonly string[] => loadOrder.slice(1);

test(
  'a chain of two thousand libraries, the last of which misses one',
  async () => {
    const folder = await buildChain(2000, 'lib_nowher.so');
    const file = join(folder, chainName(0));
    const tree = await resolveTree(file, clean);
    expect([...pathsBelowRoot(tree), null]).toEqual(await pathsByLoader(file));
    expect(tree.loadOrder).toHaveLength(2000);
    expect(tree.objects[tree.root]?.problemsBelow).toBe(1);
    expect(explainName(tree, 'lib_nowher.so').paths.map(way => way.length)).toEqual([2000]);
  },
  patientMs,
);

test('a cycle of a thousand libraries', async () => {
  const folder = await buildChain(1000, chainName(1));
  const file = join(folder, chainName(0));
  const tree = await resolveTree(file, clean);
  expect(pathsBelowRoot(tree)).toEqual(await pathsByLoader(file));
  expect(tree.loadOrder).toHaveLength(1000);
  expect(tree.problems).toEqual([]);
});

test('every library needs every other', async () => {
  const names = Array.from({ length: 60 }, (_, index) => `lib${index}.so`);
  const folder = await built(
    ...names.map(file => ({ file, needs: [...names, 'libnone.so'], rpath: '$ORIGIN', soname: file })),
  );
  const file = join(folder, 'lib0.so');
  const tree = await resolveTree(file, clean);
  expect(pathsBelowRoot(tree)).toEqual((await pathsByLoader(file)).filter(path => path !== null));
  expect(tree.objects[tree.root]?.problemsBelow).toBe(1);
});

test('fifos, devices and sockets are never opened', async () => {
  const folder = await built({ file: 'app', program: true, needs: ['liba.so'], runpath: '$ORIGIN/odd' });
  mkdirSync(join(folder, 'odd'));
  execFileSync('mkfifo', [join(folder, 'odd/liba.so')]);
  const tree = await resolveTree(join(folder, 'app'), clean);
  expect(tree.problems.map(({ code }) => code)).toEqual(['dependencies/unloadable-library']);
  expect(tree.problems[0]?.message).toContain('a fifo');
  const zero = await built({ file: 'app', program: true, needs: ['/dev/zero'] });
  expect((await resolveTree(join(zero, 'app'), clean)).problems[0]?.message).toContain('a device');
});

test('links in a circle on the way to a folder', async () => {
  const folder = await built(
    { file: 'app', program: true, needs: ['liba.so'], runpath: '$ORIGIN/loop:$ORIGIN' },
    { file: 'liba.so' },
  );
  symlinkSync('loop', join(folder, 'loop'));
  const tree = await resolveTree(join(folder, 'app'), clean);
  // The loader takes a folder that it cannot reach for one that is not there.
  expect(pathsBelowRoot(tree)).toEqual(await pathsByLoader(join(folder, 'app')));
});

test('every way of cutting a library short is survived, as root and as candidate', async () => {
  const folder = await built(
    { file: 'app', program: true, needs: ['liba.so'], runpath: '$ORIGIN' },
    { file: 'liba.so', needs: ['libb.so'] },
  );
  const bytes = readFileSync(join(folder, 'liba.so'));
  for (let length = 0; length < bytes.length; length += length < 400 ? 7 : 331) {
    writeFileSync(join(folder, 'liba.so'), bytes.subarray(0, length));
    const tree = await resolveTree(join(folder, 'app'), clean);
    expect(tree.loadOrder.length, `${length} bytes`).toBeLessThanOrEqual(2);
    expect(tree.problems.length, `${length} bytes`).toBeGreaterThan(0);
    await resolveTree(join(folder, 'liba.so'), clean).catch((error: unknown) => {
      expect(error).toMatchObject({ kind: 'notElf' });
    });
  }
});

test(
  'every byte of a small library changed: no exception, no hang',
  async () => {
    const folder = await built(
      { file: 'app', program: true, needs: ['liba.so'], runpath: '$ORIGIN' },
      { file: 'liba.so', needs: ['libb.so'], soname: 'liba.so', runpath: '$ORIGIN', flags: ['-z', 'noseparate-code'] },
      { file: 'libb.so' },
    );
    const bytes = readFileSync(join(folder, 'liba.so'));
    const interesting = [...bytes.keys()].filter(at => at < 600 || bytes[at] !== 0);
    for (const at of interesting) {
      for (const value of [0x00, 0xff, 0x80]) {
        const changed = Buffer.from(bytes);
        changed[at] = value;
        writeFileSync(join(folder, 'liba.so'), changed);
        const tree = await resolveTree(join(folder, 'app'), clean);
        expect(tree.loadOrder[0]).toBe(join(folder, 'app'));
      }
    }
  },
  patientMs,
);

test(
  'a RUNPATH of a megabyte: what is not there is looked for once',
  async () => {
    const folder = await built();
    const path = Array.from({ length: 60_000 }, (_, index) => `/none/${index}/folder`).join(':');
    expect(path.length).toBeGreaterThan(1 << 20);
    // An argument cannot be as long.
    writeFileSync(join(folder, 'runpath'), `--enable-new-dtags -rpath ${path}`);
    await buildAll(folder, [{ file: 'app', program: true, needs: ['liba.so', 'libb.so'], flags: ['@runpath'] }]);
    const { objects, root, problems } = await resolveTree(join(folder, 'app'), clean);
    expect(problems.map(({ edge }) => edge)).toEqual(expect.arrayContaining(['liba.so', 'libb.so']));
    const [first, second] = objects[root]?.needs ?? [];
    expect(first?.tried.length).toBeGreaterThan(1000);
    expect(second?.tried.length).toBeLessThan(100);
    expect(Math.max(...problems.map(({ message }) => message.length))).toBeLessThan(2000);
  },
  patientMs,
);

test(
  'a hundred thousand needs: all are counted, the first ones are listed, and the answer can be cancelled',
  async () => {
    const folder = await built();
    const file = join(folder, 'liba.so');
    const names = Array.from({ length: 100_000 }, (_, index) => `lib${index}.so`);
    writeFileSync(file, libraryWithNeeds(names, '$ORIGIN/none'));
    const controller = new AbortController();
    const cancelled = resolveTree(file, clean, controller.signal);
    setImmediate(() => controller.abort());
    await expect(cancelled).rejects.toThrow(/abort/iu);
    const { objects, root, problems } = await resolveTree(file, { ...clean, softEdges: true });
    expect(objects[root]?.needs).toHaveLength(100_000);
    expect(objects[root]?.problemsBelow).toBe(100_000);
    expect(problems.length).toBeLessThanOrEqual(10_001);
    expect(problems.at(-1)?.code).toBe('dependencies/problem-limit');
  },
  patientMs,
);

test('such a file, with fewer needs, is read as the loader reads it', async () => {
  const folder = await built({ file: 'own/lib7.so' }, { file: 'own/lib70.so' });
  const file = join(folder, 'liba.so');
  const names = Array.from({ length: 200 }, (_, index) => `lib${index}.so`);
  writeFileSync(file, libraryWithNeeds(names, '$ORIGIN/own'));
  const { objects, root } = await resolveTree(file, clean);
  const listed = await pathsByLoader(file);
  expect(objects[root]?.needs.map(({ object }) => object)).toEqual(expect.arrayContaining([...listed]));
  expect(objects[root]?.needs.filter(({ object }) => object === null)).toHaveLength(198);
  expect(listed.filter(path => path === null)).toHaveLength(198);
});

test(
  'five thousand needs',
  async () => {
    const folder = await built({ file: 'stub', soname: chainName(0) });
    const stub = readFileSync(join(folder, 'stub'));
    const place = stub.indexOf(chainName(0));
    mkdirSync(join(folder, 'stubs'));
    const names = Array.from({ length: 5000 }, (_, index) => chainName(index));
    for (const name of names) {
      stub.write(name, place, 'latin1');
      writeFileSync(join(folder, 'stubs', name), stub);
    }
    writeFileSync(join(folder, 'needs'), names.map(name => `stubs/${name}`).join(' '));
    await buildAll(folder, [{ file: 'app', program: true, flags: ['@needs'] }]);
    const missing = await resolveTree(join(folder, 'app'), clean);
    expect(missing.objects[missing.root]?.problemsBelow).toBe(5000);
    const found = await resolveTree(join(folder, 'app'), { ...clean, libraryPath: join(folder, 'stubs') });
    expect(found.loadOrder).toHaveLength(5001);
  },
  patientMs,
);

test('names that are not UTF-8, in files and folders', async () => {
  const folder = await built(
    { file: 'app', program: true, needs: ['lib_X.so'], rpath: '$ORIGIN' },
    { file: 'lib_X.so' },
  );
  const app = readFileSync(join(folder, 'app'));
  app[app.indexOf('lib_X.so') + 4] = 0xff;
  const odd = Buffer.concat([Buffer.from(`${folder}/d`), Buffer.from([0xfe])]);
  mkdirSync(odd);
  writeFileSync(Buffer.concat([odd, Buffer.from('/app')]), app);
  chmodSync(Buffer.concat([odd, Buffer.from('/app')]), 0o755);
  writeFileSync(
    Buffer.concat([odd, Buffer.from('/lib_'), Buffer.from([0xff]), Buffer.from('.so')]),
    readFileSync(join(folder, 'lib_X.so')),
  );
  const tree = await resolveTree(`${decodeBytes(odd)}/app`, clean);
  expect(pathsBelowRoot(tree)).toEqual([`${decodeBytes(odd)}/lib_\udcff.so`]);
  expect(tree.command).toContain('printf');
});

test('an answer can be cancelled while it is worked out', async () => {
  const folder = await buildChain(2000, chainName(0));
  const controller = new AbortController();
  const answer = resolveTree(join(folder, chainName(0)), clean, controller.signal);
  setImmediate(() => controller.abort());
  await expect(answer).rejects.toThrow(/abort/iu);
});
