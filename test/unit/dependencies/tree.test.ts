import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { dependencyFindings } from '../../../language-server/dependencies/tree/findings.ts';
import { resolveTree, type TreeOptions } from '../../../language-server/dependencies/tree/tree.ts';
import { explainName } from '../../../language-server/dependencies/tree/why.ts';
import { verifyWithLoader } from '../../../language-server/dependencies/verify/verify.ts';
import type { DependencyTree } from '../../../language-server/protocol/dependencies.ts';
import { UserError } from '../../../language-server/protocol/errors.ts';
import { buildAll, type Recipe } from '../../support/loader-build.ts';
import { muslLoader } from '../../support/loader-oracle.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { openDoor } from '../native/door-fixture.ts';

const base = temporaryFolder();
const door = openDoor();
let folders = 0;

async function built(...recipes: readonly Recipe[]): Promise<string> {
  folders += 1;
  const folder = join(base, `${folders}`);
  mkdirSync(folder);
  await buildAll(folder, recipes);
  return folder;
}

const clean: TreeOptions = { environment: { cwd: '/' } };
const codesOf = ({ problems }: DependencyTree): readonly string[] =>
  problems.map(({ code, severity }) => `${severity} ${code}`);

describe('the tree on the wire', () => {
  test('a file whose end is missing says so, and its reader says it under Problems', async () => {
    const path = join(base, 'cut-off');
    // The headers are there; what they name is not.
    writeFileSync(path, readFileSync('/bin/true').subarray(0, 3000));
    const tree = await resolveTree(path, clean);
    expect(tree.objects[tree.root]?.needs).toEqual([]);
    expect(codesOf(tree)).toEqual(['error dependencies/truncated-library']);
    expect(tree.problems[0]?.message).toContain('What it needs may be named in that part.');
    expect(await dependencyFindings(path, clean)).toEqual([]);
  });

  test('objects, edges, order and counts', async () => {
    const folder = await built(
      { file: 'app', program: true, needs: ['liba.so', 'libb.so'], rpath: '$ORIGIN/lib' },
      { file: 'lib/liba.so', soname: 'liba.so', needs: ['libb.so', 'libx.so'] },
      { file: 'lib/libb.so', needs: ['libx.so', 'liba.so'] },
    );
    const [app, a, b] = ['app', 'lib/liba.so', 'lib/libb.so'].map(name => join(folder, name));
    const tree = await resolveTree(`${folder}/app`, clean);
    expect(tree.root).toBe(app);
    expect(tree.loader).toEqual({ kind: 'glibc', version: expect.stringMatching(/^2\.\d+/u) });
    expect(tree.loadOrder).toEqual([app, a, b]);
    expect(tree.objects[a ?? '']).toMatchObject({ path: a, soname: 'liba.so', machine: 'x86-64', problemsBelow: 1 });
    expect(tree.objects[app ?? '']?.needs[0]).toEqual({
      name: 'liba.so',
      object: a,
      how: { rule: 'rpath', from: app, entry: '$ORIGIN/lib', entryNumber: 1 },
      tried: [],
    });
    const miss = tree.objects[b ?? '']?.needs[0];
    expect(miss).toMatchObject({ name: 'libx.so', object: null, how: null });
    expect(miss?.tried[0]).toEqual({ path: `${folder}/lib/libx.so`, outcome: 'No such file or directory' });
    // Nobody wants to read of folders for processors that hardly any system has.
    expect(miss?.tried.map(({ path }) => path)).not.toContain(`${folder}/lib/glibc-hwcaps/x86-64-v2/libx.so`);
    // Two objects miss one name: one error of the root, and one finding for each.
    expect(tree.objects[tree.root]?.problemsBelow).toBe(1);
    expect(codesOf(tree)).toEqual(['error dependencies/missing-library', 'error dependencies/missing-library']);
    expect(tree.problems[0]).toMatchObject({ object: a, edge: 'libx.so' });
    expect(tree.problems[0]?.message).toContain(`libx.so, needed by ${a}, is not found. Looked in ${folder}/lib, /`);
    expect(tree.problems[0]?.message).not.toMatch(/hwcaps|tls/u);
    const shown = execFileSync('sh', ['-c', tree.command], { encoding: 'utf8' });
    expect(shown).toContain(`liba.so => ${a} (0x`);
  });

  test('objects without problems have none below', async () => {
    const folder = await built(
      { file: 'app', program: true, needs: ['liba.so', 'libb.so'], rpath: '$ORIGIN' },
      { file: 'liba.so' },
      { file: 'libb.so', needs: ['libx.so', 'liby.so'] },
    );
    const { objects } = await resolveTree(`${folder}/app`, clean);
    const counts = Object.values(objects).map(({ problemsBelow }) => problemsBelow);
    expect(counts).toEqual([2, 0, 2]);
  });

  test('a library path that is asked for replaces that of the environment', async () => {
    const folder = await built(
      { file: 'app', program: true, needs: ['liba.so'] },
      { file: 'one/liba.so' },
      { file: 'two/liba.so' },
    );
    const environment = { cwd: '/', libraryPath: `${folder}/one` };
    const found = async (options: TreeOptions) => (await resolveTree(`${folder}/app`, options)).loadOrder[1];
    expect(await found({ environment })).toBe(`${folder}/one/liba.so`);
    expect(await found({ environment, libraryPath: `${folder}/two` })).toBe(`${folder}/two/liba.so`);
    expect(await found({ environment, libraryPath: '' })).toBeUndefined();
  });

  test('a loaded file that is changed or removed is seen at once', async () => {
    const folder = await built(
      { file: 'app', program: true, needs: ['liba.so'], rpath: '$ORIGIN' },
      { file: 'liba.so', needs: ['libb.so'] },
    );
    const missing = async () => (await resolveTree(`${folder}/app`, clean)).problems.map(({ edge }) => edge);
    expect(await missing()).toEqual(['libb.so']);
    await buildAll(folder, [{ file: 'liba.so', needs: ['libc1.so'] }]);
    expect(await missing()).toEqual(['libc1.so']);
    await buildAll(folder, [{ file: 'libc1.so' }]);
    expect(await missing()).toEqual([]);
    execFileSync('rm', [join(folder, 'liba.so')]);
    expect(await missing()).toEqual(['liba.so']);
  });

  test('is given up when cancelled', async () => {
    await expect(resolveTree('/bin/sh', clean, AbortSignal.abort())).rejects.toThrow();
  });
});

describe('what no loader loads', () => {
  const compile = (folder: string, ...words: readonly string[]) =>
    execFileSync('gcc', [...words, '-x', 'c', '-'], { cwd: folder, input: 'int main(void) { return 0; }\n' });

  test.each([
    ['a static program', ['-static', '-o', 'file'], 'dependencies/static'],
    ['a static position-independent program', ['-static-pie', '-o', 'file'], 'dependencies/static'],
    ['a relocatable object', ['-c', '-o', 'file'], 'dependencies/relocatable'],
  ])('%s', async (_, words, code) => {
    const folder = await built();
    compile(folder, ...words);
    const tree = await resolveTree(join(folder, 'file'), clean);
    expect(codesOf(tree)).toEqual([`information ${code}`]);
    expect(tree.loadOrder).toEqual([join(folder, 'file')]);
    expect(tree.objects[tree.root]?.needs).toEqual([]);
    expect(await dependencyFindings(join(folder, 'file'), clean)).toEqual([]);
  });

  test('debug information alone', async () => {
    const folder = await built();
    compile(folder, '-g', '-o', 'file');
    execFileSync('objcopy', ['--only-keep-debug', 'file', 'file.debug'], { cwd: folder });
    expect(codesOf(await resolveTree(join(folder, 'file.debug'), clean))).toEqual([
      'information dependencies/debug-file',
    ]);
  });

  test.each<[string, (path: string) => void, string, RegExp]>([
    ['nothing', () => undefined, 'notFound', /does not exist/u],
    ['a folder', path => void mkdirSync(path), 'notRegularFile', /is a folder; choose/u],
    ['a fifo', path => void execFileSync('mkfifo', [path]), 'notRegularFile', /is a named pipe \(fifo\)/u],
    ['text', path => writeFileSync(path, 'text\n'), 'notElf', /is text \("text"\), not an ELF file/u],
    ['an empty file', path => writeFileSync(path, ''), 'notElf', /is empty/u],
    ['an archive', path => writeFileSync(path, '!<arch>\n'), 'notElf', /is an archive/u],
    ['a script', path => writeFileSync(path, '#!/bin/sh\n'), 'notElf', /is a script \(#!\/bin\/sh\), not an ELF file/u],
    [
      'a linker script',
      path => writeFileSync(path, '/* GNU ld script\n*/\nGROUP ( /x.so )\n'),
      'notElf',
      /is a script for the GNU linker \(GROUP \( \/x\.so \)\)/u,
    ],
    [
      'half a header',
      path => writeFileSync(path, readFileSync('/bin/sh').subarray(0, 30)),
      'notElf',
      /too short to be one: it has 30 bytes/u,
    ],
    [
      'a header alone',
      path => writeFileSync(path, readFileSync('/bin/sh').subarray(0, 64)),
      'notElf',
      /program headers/u,
    ],
    ['a link to itself', path => symlinkSync(path, path), 'notFound', /too many symbolic links/u],
  ])('%s is refused in words', async (_, make, kind, words) => {
    const path = join(await built(), 'file');
    make(path);
    const error = await resolveTree(path, clean).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(UserError);
    expect(error).toMatchObject({ kind, message: expect.stringMatching(words) });
    expect((error as Error).message).toContain(path);
  });
});

describe('problems', () => {
  test('a program interpreter that is not there', async () => {
    const folder = await built({ file: 'app', program: true, flags: ['-dynamic-linker', '/nowhere/ld.so'] });
    const [finding] = await dependencyFindings(`${folder}/app`, clean);
    expect(finding).toMatchObject({ code: 'dependencies/missing-interpreter', severity: 'error' });
    expect(finding?.message).toContain('/nowhere/ld.so');
  });

  test('another machine without its loader is no heap of misses', async () => {
    const folder = await built({ file: 'liba.so', needs: ['libb.so'] });
    const bytes = readFileSync(`${folder}/liba.so`);
    bytes.writeUInt16LE(243, 18);
    writeFileSync(`${folder}/liba.so`, bytes);
    const tree = await resolveTree(`${folder}/liba.so`, clean);
    expect(codesOf(tree)).toEqual([
      'information dependencies/foreign-machine',
      'information dependencies/missing-library',
    ]);
    expect(await dependencyFindings(`${folder}/liba.so`, clean)).toEqual([]);
  });

  test('another byte order is not told of the cache of this machine', async () => {
    const folder = await built({ file: 'liba.so' });
    const bytes = readFileSync(`${folder}/liba.so`);
    bytes.writeUInt8(2, 5);
    const header = bytes.subarray(0, 64);
    for (const at of [16, 18, 52, 54, 56]) header.subarray(at, at + 2).swap16();
    header.subarray(20, 24).swap32();
    header.subarray(32, 40).swap64();
    header.writeUInt16BE(22, 18);
    writeFileSync(`${folder}/liba.so`, bytes);
    const { problems } = await resolveTree(`${folder}/liba.so`, clean);
    expect(problems.map(({ code }) => code)).not.toContain('dependencies/broken-cache');
  });

  test('a missing preload warns', async () => {
    const folder = await built({ file: 'app', program: true });
    const findings = await dependencyFindings(`${folder}/app`, { environment: { cwd: '/', preload: 'libnone.so' } });
    expect(findings.map(({ code, severity }) => [code, severity])).toEqual([
      ['dependencies/missing-preload', 'warning'],
    ]);
  });

  test('versions: missing, weak, and a provider without any, in the words of the loader', async () => {
    const folder = await built();
    const script = `
      printf 'V1 { f; }; V2 { g; };' > new.map; printf 'V1 { f; };' > old.map
      printf 'void f(void){} void g(void){}' > p.c; printf 'void f(void); void g(void); void _start(void){ f(); g(); }' > u.c
      mkdir new old none
      gcc -nostdlib -shared -fPIC -Wl,-soname,libp.so -Wl,--version-script,new.map -o new/libp.so p.c
      gcc -nostdlib -shared -fPIC -Wl,-soname,libp.so -Wl,--version-script,old.map -o old/libp.so p.c
      gcc -nostdlib -shared -fPIC -Wl,-soname,libp.so -o none/libp.so p.c
      gcc -nostdlib -pie -fPIE -o strong u.c new/libp.so; cp strong weak`;
    execFileSync('sh', ['-ec', script], { cwd: folder });
    // Link editors mark no need as weak by themselves: VER_FLG_WEAK in the record with the hash of "V2".
    const weak = readFileSync(join(folder, 'weak'));
    const record = weak.indexOf(Buffer.from([0x92, 0x05, 0, 0, 0, 0]));
    weak.writeUInt16LE(2, record + 4);
    writeFileSync(join(folder, 'weak'), weak);
    const problems = async (program: string, provider: string) => {
      const libraryPath = join(folder, provider);
      const { problems } = await resolveTree(join(folder, program), { ...clean, libraryPath });
      // The shell must not meet the variables.
      const traced = `env LD_LIBRARY_PATH=${libraryPath} LD_TRACE_LOADED_OBJECTS=1 LD_WARN=1 ./${program} 2>&1; true`;
      const said = execFileSync('sh', ['-c', traced], { cwd: folder, encoding: 'utf8' });
      for (const { message, severity } of problems) {
        const words = /(?:(?:weak )?version `V2' not found|no version information available) \(required by/u.exec(
          message,
        )?.[0];
        if (severity !== 'information') expect(said).toContain(words);
      }
      return problems.map(({ code, severity, edge, actual }) => `${severity} ${code} ${edge} ${actual}`);
    };
    expect(await problems('strong', 'new')).toEqual([]);
    expect(await problems('strong', 'old')).toEqual(['error dependencies/missing-version libp.so V2']);
    expect(await problems('weak', 'old')).toEqual(['information dependencies/missing-weak-version libp.so V2']);
    expect(await problems('strong', 'none')).toEqual(['warning dependencies/no-version-information libp.so V2']);
  });

  test('a script of the link editor is followed to the libraries that were meant', async () => {
    const folder = await built(
      { file: 'app', program: true, needs: ['libm.so', 'libs.so'], runpath: '/usr/lib/x86_64-linux-gnu:$ORIGIN' },
      { file: 'libreal.so.1' },
    );
    writeFileSync(
      join(folder, 'libs.so'),
      '/* GNU ld script (INPUT) */\nOUTPUT_FORMAT(elf64-x86-64)\nGROUP ( libreal.so.1 AS_NEEDED ( "libinner.so", -lnone ) )',
    );
    writeFileSync(join(folder, 'libinner.so'), 'INPUT(libs.so /nowhere.a)');
    const tree = await resolveTree(`${folder}/app`, clean);
    const [first, second] = tree.objects[tree.root]?.needs ?? [];
    // The development package's own.
    expect(first?.linkerScript?.inputs.map(({ name, what }) => `${what} ${name}`)).toEqual([
      'library /lib/x86_64-linux-gnu/libm.so.6',
      'library /lib/x86_64-linux-gnu/libmvec.so.1',
    ]);
    expect(
      second?.linkerScript?.inputs.map(({ script, name, path, what, asNeeded }) =>
        `${script} ${name} ${path} ${what} ${asNeeded}`.replaceAll(`${folder}/`, ''),
      ),
    ).toEqual([
      'libs.so libreal.so.1 libreal.so.1 library false',
      'libs.so libinner.so libinner.so script true',
      'libs.so -lnone null missing true',
      'libinner.so libs.so libs.so script false',
      'libinner.so /nowhere.a null missing false',
    ]);
    expect(tree.problems[1]?.message).toContain(
      `The script leads the link editor to ${folder}/libreal.so.1: link with that`,
    );
  });

  test('names that would act on a terminal are shown as escapes', async () => {
    const folder = await built({ file: 'app', program: true, needs: ['lib\u001b[31mx\n.so'] });
    const [finding] = await dependencyFindings(`${folder}/app`, clean);
    expect(finding?.message).toContain(String.raw`lib\x1b[31mx\x0a.so`);
  });
});

test('why: every path to a name, the shortest first', async () => {
  const folder = await built(
    { file: 'app', program: true, needs: ['liba.so', 'libb.so'], rpath: '$ORIGIN' },
    { file: 'liba.so', needs: ['libd.so', 'libb.so'] },
    { file: 'libb.so', needs: ['libc1.so'] },
    { file: 'libc1.so', needs: ['libd.so', 'libx.so', 'libb.so'] },
    { file: 'libd.so', soname: 'libsoname.so' },
  );
  const tree = await resolveTree(`${folder}/app`, clean);
  const why = (name: string, limit?: number) => {
    const { paths, complete } = explainName(tree, name, limit);
    return { paths: paths.map(path => path.map(({ need }) => need.name).join(' ')), complete };
  };
  const all = ['liba.so libd.so', 'libb.so libc1.so libd.so', 'liba.so libb.so libc1.so libd.so'];
  expect(why('libd.so')).toEqual({ paths: all, complete: true });
  expect(why('libsoname.so')).toEqual(why('libd.so'));
  expect(why(`${folder}/libd.so`)).toEqual(why('libd.so'));
  expect(why('libd.so', 2)).toEqual({ paths: all.slice(0, 2), complete: false });
  expect(why('libx.so').paths).toEqual(['libb.so libc1.so libx.so', 'liba.so libb.so libc1.so libx.so']);
  expect(why('libnone.so')).toEqual({ paths: [], complete: true });
  expect(why('app')).toEqual({ paths: [], complete: true });
});

test('why: a name that one object finds and another one does not', async () => {
  const folder = await built(
    { file: 'app', program: true, needs: ['liba.so', 'libb.so'], runpath: '$ORIGIN' },
    { file: 'liba.so', needs: ['libdeep.so'] },
    { file: 'libb.so', needs: ['./libdeep.so', 'deep/libdeep.so'], runpath: '$ORIGIN/deep' },
    { file: 'deep/libdeep.so', soname: 'libdeep.so' },
  );
  const tree = await resolveTree(`${folder}/app`, { environment: { cwd: folder } });
  const { paths } = explainName(tree, 'libdeep.so');
  expect(paths.map(path => path.map(({ need }) => `${need.name} ${need.object !== null}`).join(', '))).toEqual([
    'liba.so true, libdeep.so false',
    'libb.so true, deep/libdeep.so true',
  ]);
});

describe('verify', () => {
  const recipes: readonly Recipe[] = [
    { file: 'app', program: true, needs: ['liba.so', 'libx.so', 'libm.so.6'], rpath: '$ORIGIN' },
    { file: 'liba.so', needs: ['$ORIGIN/libx.so'], flags: ['-f', 'libnone.so'] },
  ];

  test('agrees, also through a link to the program', async () => {
    const folder = await built(...recipes);
    mkdirSync(join(folder, 'links'));
    symlinkSync('../app', join(folder, 'links/app'));
    for (const file of ['app', 'links/app']) {
      const tree = await resolveTree(join(folder, file), clean);
      expect(await verifyWithLoader(door, tree, clean)).toEqual({ kind: 'agrees', command: tree.command, objects: 5 });
    }
  });

  test('tells what differs from another tree', async () => {
    const folder = await built(...recipes);
    const tree = await resolveTree(`${folder}/app`, clean);
    await buildAll(folder, [{ file: 'libx.so' }]);
    const verification = await verifyWithLoader(door, tree, clean);
    expect(verification).toMatchObject({
      kind: 'differs',
      differences: [{ kind: 'path', tree: null, loader: `${folder}/libx.so` }],
    });
  });

  test('agrees with musl, with misses and with files that are none', async () => {
    const folder = await built(
      {
        file: 'app',
        program: true,
        needs: ['libc.so', 'liba.so', 'libx.so', 'libbad.so'],
        rpath: '$ORIGIN',
        flags: ['-dynamic-linker', muslLoader],
      },
      { file: 'liba.so', needs: ['libm.so'] },
    );
    writeFileSync(join(folder, 'libbad.so'), 'text');
    const tree = await resolveTree(join(folder, 'app'), clean);
    expect(tree.loader).toEqual({ kind: 'musl', version: expect.stringMatching(/^1\.\d+\.\d+$/u) });
    expect(codesOf(tree)).toEqual(['error dependencies/missing-library', 'error dependencies/unloadable-library']);
    expect(await verifyWithLoader(door, tree, clean)).toMatchObject({ kind: 'agrees', objects: 3 });
  });

  test('is refused in a workspace that is not trusted', async () => {
    const untrusting = openDoor({ isTrusted: () => false });
    const tree = await resolveTree('/bin/sh', clean);
    await expect(verifyWithLoader(untrusting, tree, clean)).rejects.toMatchObject({ kind: 'untrusted' });
  });

  test('says why there is nothing to ask', async () => {
    const folder = await built({ file: 'app', program: true, flags: ['-dynamic-linker', '/nowhere/ld.so'] });
    const tree = await resolveTree(`${folder}/app`, clean);
    expect(await verifyWithLoader(door, tree, clean)).toMatchObject({ kind: 'notVerified' });
  });
});
