import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { debugInformationRemedy } from '../../../language-server/elf/debug-file/remedy.ts';
import { createNativeDoor } from '../../../language-server/native/create-door.ts';
import type { FoundSource, SourceLocation } from '../../../language-server/protocol/source-location.ts';
import { createSourceLocator } from '../../../language-server/symbolize/source-location.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const folder = temporaryFolder();
const debugFolder = join(folder, 'debug');
const door = createNativeDoor({ toolPath: () => undefined, isTrusted: () => false, log: () => undefined });
afterAll(() => door.close());
const locator = createSourceLocator(door, [debugFolder]);

const source = `int data_value = 3;
static inline __attribute__((always_inline)) int inner(int a)
{
  return a * data_value;
}
int outer(int a)
{
  return inner(a) + 1;
}
__attribute__((section(".text.far"))) int far_away(void)
{
  return 7;
}
extern int elsewhere(void);
int caller(void) { return elsewhere(); }
`;

function build(name: string, options: readonly string[]): string {
  const path = join(folder, name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(join(folder, 'sample.c'), source);
  execFileSync('cc', ['-O1', '-fPIC', '-o', path, ...options, join(folder, 'sample.c')], { cwd: folder });
  return path;
}

const line = (text: string): number => source.split('\n').indexOf(text) + 1;

function found(location: SourceLocation): FoundSource {
  if (location.kind !== 'found') throw new Error(location.message);
  return location;
}

const addressOf = (path: string, symbol: string): string =>
  `0x${new RegExp(`^0*([\\da-f]+) . ${symbol}$`, 'mu').exec(execFileSync('nm', [path], { encoding: 'utf8' }))?.[1]}`;

describe('a library with debug information', () => {
  let path = '';
  beforeAll(() => {
    path = build('libdebug.so', ['-g', '-shared']);
  });

  test('a function is where it is written, though its first instruction is inlined', async () => {
    const location = found(await locator.locate(path, { symbol: 'outer' }));
    expect(location.frames[location.primary]).toMatchObject({ function: 'outer', inlined: false, exists: true });
    expect(location.frames[location.primary]?.file).toBe(join(folder, 'sample.c'));
    expect([line('int outer(int a)') + 1, line('  return inner(a) + 1;')]).toContain(
      location.frames[location.primary]?.line,
    );
    expect(location.debugFile).toBeNull();
  });

  test('an address is in the inlined function, and in the one that it was inlined into', async () => {
    const location = found(await locator.locate(path, { address: addressOf(path, 'outer') }));
    expect(location.frames).toMatchObject([
      { function: 'inner', line: line('  return a * data_value;'), inlined: true },
      { function: 'outer', inlined: false },
    ]);
    expect(location.primary).toBe(0);
  });

  test('the command shows the same', async () => {
    const { command, frames } = found(await locator.locate(path, { symbol: 'far_away' }));
    const printed = execFileSync('sh', ['-c', command], { encoding: 'utf8' });
    expect(printed).toContain(`far_away\n${join(folder, 'sample.c')}:${frames[0]?.line}`);
  });

  test('data is where it is declared', async () => {
    const location = found(await locator.locate(path, { symbol: 'data_value' }));
    expect(location.frames[location.primary]).toMatchObject({ file: join(folder, 'sample.c'), line: 1 });
  });

  test('an address without code has no line', async () => {
    expect(await locator.locate(path, { address: '0x10' })).toMatchObject({ kind: 'noLine', address: '0x10' });
  });

  test('built again, it is another file', async () => {
    const again = join(folder, 'libagain.so');
    copyFileSync(path, again);
    expect(await locator.locate(again, { symbol: 'outer' })).toMatchObject({ kind: 'found' });
    execFileSync('strip', ['--strip-debug', again]);
    expect(await locator.locate(again, { symbol: 'outer' })).toMatchObject({ kind: 'noDebugInformation' });
  });

  test.each([
    [{ symbol: 'nowhere' }, /has no symbol "nowhere"/u],
    [{ symbol: 'elsewhere' }, /is imported/u],
    [{ symbol: 'sample.c' }, /no place/u],
    [{ symbol: '' }, /has no symbol/u],
    [{ address: '12' }, /no address/u],
    [{}, /Neither/u],
  ])('%j is refused', async (asked, sentence) => {
    await expect(locator.locate(path, asked)).rejects.toMatchObject({
      kind: 'invalidParams',
      message: expect.stringMatching(sentence),
    });
  });
});

describe('a separate debug file', () => {
  const strip = (name: string, options: readonly string[] = []): { path: string; debug: string } => {
    const path = build(name, ['-g', '-shared', ...options]);
    const debug = `${path}.debug`;
    execFileSync('objcopy', ['--only-keep-debug', path, debug]);
    execFileSync('strip', ['--strip-all', path]);
    return { path, debug };
  };
  const buildIdOf = (path: string): string =>
    /Build ID: ([\da-f]+)/u.exec(execFileSync('readelf', ['-n', path], { encoding: 'utf8' }))?.[1] ?? '';

  test('is found by build ID', async () => {
    const { path, debug } = strip('id/lib.so', ['-Wl,--build-id']);
    const id = buildIdOf(path);
    const place = join(debugFolder, '.build-id', id.slice(0, 2), `${id.slice(2)}.debug`);
    expect(await locator.locate(path, { symbol: 'outer' })).toMatchObject({
      kind: 'noDebugInformation',
      searched: [place],
      remedy: 'Compile it with -g, and do not strip it.',
    });
    mkdirSync(dirname(place), { recursive: true });
    copyFileSync(debug, place);
    const location = found(await locator.locate(path, { symbol: 'outer' }));
    expect(location.debugFile).toBe(place);
    expect(location.frames[location.primary]).toMatchObject({ function: 'outer', exists: true });
  });

  test.each(['', '.debug/'])('is found by its link in "%s"', async where => {
    const { path, debug } = strip(`link${where === '' ? 1 : 2}/lib.so`, ['-Wl,--build-id=none']);
    const place = join(dirname(path), where, 'symbols.dbg');
    mkdirSync(dirname(place), { recursive: true });
    copyFileSync(debug, place);
    execFileSync('objcopy', [`--add-gnu-debuglink=${place}`, path]);
    expect(found(await locator.locate(path, { symbol: 'outer' })).debugFile).toBe(place);
  });

  test('of another build is not taken', async () => {
    const { path, debug } = strip('other/lib.so', ['-Wl,--build-id=none']);
    const place = join(dirname(path), 'symbols.dbg');
    copyFileSync(debug, place);
    execFileSync('objcopy', [`--add-gnu-debuglink=${place}`, path]);
    const changed = readFileSync(place);
    writeFileSync(place, Buffer.concat([changed, Buffer.of(0)]));
    const location = await locator.locate(path, { symbol: 'outer' });
    expect(location).toMatchObject({ kind: 'noDebugInformation', searched: expect.arrayContaining([place]) });
  });
});

test('functions of a relocatable file are told apart by their sections', async () => {
  const path = build('sample.o', ['-g', '-c']);
  const far = found(await locator.locate(path, { symbol: 'far_away' }));
  expect(far.frames[far.primary]).toMatchObject({ function: 'far_away' });
  const outer = found(await locator.locate(path, { symbol: 'outer' }));
  expect(outer.frames[outer.primary]).toMatchObject({ function: 'outer' });
  expect(far.address).toBe(outer.address);
});

test('a member of an archive has sources as any other file, and a command that shows them', async () => {
  const archive = join(folder, 'libsample.a');
  execFileSync('ar', ['rc', archive, build('sample.o', ['-g', '-c'])]);
  const location = found(await locator.locate(`${archive}(sample.o)`, { symbol: 'far_away' }));
  expect(location.frames[location.primary]).toMatchObject({ function: 'far_away', exists: true });
  const printed = execFileSync('sh', ['-c', location.command], { encoding: 'utf8' });
  expect(printed).toContain(`far_away\n${join(folder, 'sample.c')}`);
});

test('a path that the build made relative is looked for around the binary', async () => {
  const path = build('out/build/librelative.so', ['-g', '-shared', `-ffile-prefix-map=${folder}=.`]);
  const location = found(await locator.locate(path, { symbol: 'outer' }));
  expect(location.frames[location.primary]).toMatchObject({ file: join(folder, 'sample.c'), exists: true });
});

test('a source that is not here is told to be absent', async () => {
  const path = build('libmoved.so', ['-g', '-shared', `-ffile-prefix-map=${folder}=/nowhere/src`]);
  const location = found(await locator.locate(path, { symbol: 'outer' }));
  expect(location.frames[location.primary]).toMatchObject({ file: '/nowhere/src/sample.c', exists: false });
});

test('without addr2line, it says how to get it', async () => {
  const path = build('libtool.so', ['-g', '-shared']);
  const none = createNativeDoor({ toolPath: () => '/nowhere/addr2line', isTrusted: () => false, log: () => undefined });
  const asked = createSourceLocator(none, []).locate(path, { symbol: 'outer' });
  await expect(asked).rejects.toMatchObject({ kind: 'toolMissing', remedy: expect.stringContaining('binutils') });
  await none.close();
});

test.each([
  ['/usr/lib/libx.so', null, 'debian', 'find-dbgsym-packages /usr/lib/libx.so'],
  ['/usr/lib/libx.so', null, 'fedora', 'dnf debuginfo-install "$(rpm -qf /usr/lib/libx.so)"'],
  ['/usr/lib/libx.so', 'abcd', 'arch', 'debuginfod-find debuginfo abcd'],
  ['/usr/local/lib/libx.so', 'abcd', 'debian', 'Compile it with -g, and do not strip it.'],
  ['/home/me/libx.so', 'abcd', null, 'Compile it with -g, and do not strip it.'],
] as const)('the remedy for %s (%s) on %s', (path, buildId, distribution, expected) => {
  expect(debugInformationRemedy(path, buildId, distribution)).toBe(expected);
});
