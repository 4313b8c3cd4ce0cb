import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { type Archive, memberSource, readArchive } from '../../language-server/elf/archive/archive.ts';
import { externalMemberPath, externalMemberState } from '../../language-server/elf/archive/external-member.ts';
import { memberPath, memberText } from '../../language-server/elf/archive/member-path.ts';
import { encodeBytes } from '../../language-server/native/byte-text.ts';
import { differencesFromReadelf } from '../support/elf-compare.ts';
import { filesBeginning, imageOf, machineFolders, outputOf, withSource } from '../support/elf-parts-files.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const folder = temporaryFolder();

function read(path: string): Archive {
  return withSource(path, source => {
    const reading = readArchive(source);
    if (reading === null) throw new Error(`${path} is no archive`);
    return reading;
  });
}

/** A name as a program prints it in the C locale, where each byte is a character. */
const printed = (name: string): string => encodeBytes(name).toString('latin1');

/** As `ar t` lists them: members of a thin archive by their path, a member of a nested archive by its name there. */
function listedNames(path: string, { members, isThin }: Archive): readonly string[] {
  return members.map(member => {
    if (member.nestedOffset === null) return printed(isThin ? externalMemberPath(path, member) : member.name);
    const nested = read(externalMemberState(path, member).path);
    return printed(nested.members.find(({ headerOffset }) => headerOffset === member.nestedOffset)?.name ?? '?');
  });
}

const lines = (text: string): readonly string[] => text.split('\n').filter(line => line !== '');

/** "foo in foo.o", as `nm -s` begins with. */
function indexLines(path: string, archive: Archive): readonly string[] {
  const { members, symbolIndex } = archive;
  const listed = listedNames(path, archive);
  const byOffset = new Map(members.map(({ headerOffset }, at) => [headerOffset, listed[at]]));
  return [...(symbolIndex?.memberOffsets ?? [])].map(
    (offset, at) => `${printed(symbolIndex?.name(at) ?? '')} in ${byOffset.get(offset)}`,
  );
}

function oracleIndex(path: string): readonly string[] {
  const [, index = ''] = /^\nArchive index:\n([\s\S]*?)\n\n/u.exec(outputOf('nm', ['-s', path])) ?? [];
  return lines(index);
}

/** GNU ar leaves out the last byte of a name that fills its field (its ELF targets say ar_max_namelen 15); llvm-ar does not. */
const asGnu = (name: string): string => (name.length === 16 && !name.includes('/') ? name.slice(0, 15) : name);

function check(path: string): void {
  const archive = read(path);
  if (spawnSync('ar', ['t', path], { stdio: 'ignore' }).status !== 0) {
    // ar refuses it whole; here what comes before the broken part is shown, and the part is found.
    expect(
      archive.findings.map(({ severity }) => severity),
      path,
    ).toContain('error');
    return;
  }
  expect(listedNames(path, archive).map(asGnu), path).toEqual(lines(outputOf('ar', ['t', path])).map(asGnu));
  expect(indexLines(path, archive), path).toEqual(oracleIndex(path));
  expect(
    archive.findings.filter(({ severity }) => severity !== 'information'),
    path,
  ).toEqual([]);
  if (archive.isThin) return;
  const offsets = lines(outputOf('ar', ['tO', path])).map(line => Number(line.slice(line.lastIndexOf(' ') + 1)));
  expect(
    archive.members.map(({ offset }) => offset),
    path,
  ).toEqual(offsets);
}

const archives = filesBeginning(machineFolders, ['!<ar', '!<th']);
const isArchive = (path: string): boolean => path.endsWith('.a');

/** So many of a machine's archives, spread evenly: four programs look at each of them. */
const most = Number(process.env['BINARY_DETECTIVE_TEST_FILES'] ?? 200);
/** Of them, two of each archive. */
const mostMembers = most > 1000 ? most : 60;
const real = archives.filter(isArchive);
const step = Math.max(1, real.length / most);
const chosen = Array.from({ length: Math.floor(real.length / step) }, (_, at) => real[Math.floor(at * step)] ?? '');

test(`${chosen.length} of the ${real.length} archives of this machine`, () => {
  expect(chosen.length).toBeGreaterThan(10);
  for (const path of chosen) check(path);
});

test('members of archives in every row of every table, as readelf sees copies of them', async () => {
  let compared = 0;
  for (const path of chosen) {
    const [first, ...others] = read(path).members.filter(({ isElf }) => isElf);
    const last = others.at(-1);
    if (compared >= mostMembers) break;
    for (const { name, headerOffset, offset, sizeBytes } of [first, last].filter(member => member !== undefined)) {
      const copy = join(folder, 'member.o');
      writeFileSync(copy, readFileSync(path).subarray(offset, offset + sizeBytes));
      const shown = memberPath(path, memberText(name, headerOffset));
      expect([shown, await differencesFromReadelf(shown, copy)]).toEqual([shown, []]);
      compared += 1;
    }
  }
  expect(compared).toBeGreaterThan(20);
});

test('the members of libc.a, each as readelf -h sees it', () => {
  const path = archives.find(name => name.endsWith('/libc.a')) ?? '';
  const types = lines(outputOf('readelf', ['-hW', path])).flatMap(
    line => /^ {2}Entry point address: +(.*)/u.exec(line)?.[1] ?? [],
  );
  withSource(path, source => {
    const { members } = readArchive(source) ?? { members: [] };
    const elfs = members.filter(({ isElf }) => isElf);
    expect(elfs.length).toBe(types.length);
    expect(elfs.length).toBeGreaterThan(1000);
    for (const member of elfs) {
      const window = memberSource(source, member);
      if (window === null) throw new Error('no window');
      const image = imageOf(window);
      expect(image.header.type).toBe(1);
      expect(image.sections.count).toBeGreaterThan(0);
    }
  });
});

beforeAll(() => {
  mkdirSync(join(folder, 'below'));
  for (const name of ['first', 'below/a-rather-long-name-of-an-object', 'odd']) {
    const symbol = name.replace(/\W/gu, '_');
    writeFileSync(join(folder, `${name}.c`), `int ${symbol}(void) { return 1; }\nint ${symbol}_data = 2;\n`);
    execFileSync('cc', ['-c', `${name}.c`, '-o', `${name}.o`], { cwd: folder });
  }
  writeFileSync(join(folder, 'odd.txt'), 'odd');
  const ar = (...args: readonly string[]): unknown => execFileSync('ar', args, { cwd: folder });
  const objects = ['first.o', 'below/a-rather-long-name-of-an-object.o', 'odd.txt', 'odd.o'];
  ar('rc', 'normal.a', ...objects);
  ar('rcS', 'unindexed.a', ...objects);
  ar('rcT', 'thin.a', ...objects, 'normal.a');
  ar('rc', 'below/absolute.a', 'first.o');
  ar('rcT', 'below/up.a', 'first.o', join(folder, 'odd.o'), 'below/a-rather-long-name-of-an-object.o');
});

test.each(['normal.a', 'unindexed.a', 'thin.a', 'below/up.a'])('an archive made here: %s', name => {
  check(join(folder, name));
});

test('members of thin archives are where ar finds them', () => {
  for (const name of ['thin.a', 'below/up.a']) {
    const path = join(folder, name);
    const { members, isThin } = read(path);
    expect(isThin).toBe(true);
    expect(members.map(member => externalMemberState(path, member).kind)).toEqual(members.map(() => 'present'));
  }
});

test('members of thin archives that were removed or changed since', () => {
  writeFileSync(join(folder, 'gone.txt'), 'a');
  writeFileSync(join(folder, 'grown.txt'), 'a');
  execFileSync('ar', ['rcT', 'stale.a', 'gone.txt', 'grown.txt'], { cwd: folder });
  rmSync(join(folder, 'gone.txt'));
  writeFileSync(join(folder, 'grown.txt'), 'abc');
  const path = join(folder, 'stale.a');
  expect(read(path).members.map(member => externalMemberState(path, member).kind)).toEqual(['missing', 'changed']);
});

test('a truncated archive gives the members before the cut, as ar does', () => {
  const bytes = readFileSync(join(folder, 'normal.a'));
  const path = join(folder, 'cut.a');
  writeFileSync(path, bytes.subarray(0, bytes.length - 100));
  const { members, findings } = read(path);
  expect(members.length).toBe(4);
  expect(findings.map(({ code }) => code)).toEqual(['archive/member-beyond-end']);
});
