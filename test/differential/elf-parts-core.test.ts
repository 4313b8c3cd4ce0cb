import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { type CoreFile, coreNote, readCoreFile } from '../../language-server/elf/core/core-file.ts';
import { createMemorySource } from '../../language-server/elf/reader/byte-source.ts';
import { readNotes } from '../../language-server/elf/reader/notes.ts';
import { type CoreShape, coreFile, coreNoteBytes, threadNote } from '../support/elf-parts-cores.ts';
import { imageOf, outputOf, withSource } from '../support/elf-parts-files.ts';
import { fieldsOf } from '../support/elf-parts-relocations.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

/** elfutils reads what GNU readelf does not: the contents of NT_PRSTATUS and NT_PRPSINFO of many machines. */
const euReadelf = '/usr/bin/eu-readelf';
const folder = temporaryFolder();

const read = (path: string): CoreFile =>
  withSource(path, bytes => {
    const image = imageOf(bytes);
    return readCoreFile(image, readNotes(image));
  });

test('a core of this machine, as eu-readelf reads it', () => {
  writeFileSync(join(folder, 'abort.c'), '#include <stdlib.h>\nint main(void) { abort(); }\n');
  execFileSync('cc', ['abort.c', '-o', 'abort'], { cwd: folder });
  execFileSync('gdb', ['-q', '-nx', '-batch', '-ex', 'run one two', '-ex', 'generate-core-file made.core', './abort'], {
    cwd: folder,
    stdio: 'ignore',
  });
  const path = join(folder, 'made.core');
  const core = read(path);
  const said = outputOf(euReadelf, ['-n', path]);
  const process = /uid: (\d+), gid: (\d+), pid: (\d+), ppid: (\d+)[\s\S]*?fname: (.*), psargs: (.*)/u.exec(said);
  expect([core.process?.userId, core.process?.groupId, core.process?.id, core.process?.parentId].map(String)).toEqual(
    process?.slice(1, 5),
  );
  expect([core.process?.program, core.process?.command]).toEqual(process?.slice(5, 7));
  const signal = /si_signo: (\d+), si_errno: 0, si_code: (-?\d+)/u.exec(said);
  expect([core.signal?.number, core.signal?.code].map(String)).toEqual(signal?.slice(1));
  expect(core.threads.map(({ id }) => String(id))).toEqual(
    [...said.matchAll(/PRSTATUS[\s\S]*?pid: (\d+)/gu)].map(match => match[1]),
  );
});

const shapes: readonly (readonly [string, CoreShape, registers: number])[] = [
  ['x86-64', { machine: 62, class: 64, order: 'little' }, 27],
  ['i386', { machine: 3, class: 32, order: 'little' }, 17],
  ['aarch64', { machine: 183, class: 64, order: 'little' }, 34],
  ['arm', { machine: 40, class: 32, order: 'little' }, 18],
  ['ppc64', { machine: 21, class: 64, order: 'big' }, 48],
  ['ppc', { machine: 20, class: 32, order: 'big' }, 48],
  ['s390x', { machine: 22, class: 64, order: 'big' }, 27],
];

test.each(shapes)('threads of %s, as eu-readelf reads them', (name, shape, registers) => {
  const { word } = fieldsOf(shape);
  const vector = [word(6), word(4096), word(9), word(0x1234), word(0), word(0)];
  const bytes = coreFile(shape, [
    coreNoteBytes(shape, coreNote.threadStatus, threadNote(shape, 4711, 11, registers)),
    coreNoteBytes(shape, coreNote.auxiliaryVector, Buffer.concat(vector)),
  ]);
  const path = join(folder, `${name}.core`);
  writeFileSync(path, bytes);
  const image = imageOf(createMemorySource(bytes));
  const core = readCoreFile(image, readNotes(image));
  const said = outputOf(euReadelf, ['-n', path]);
  expect(/cursig: (\d+)/u.exec(said)?.[1]).toBe(String(core.threads[0]?.signalNumber));
  expect(/pid: (\d+), ppid: (\d+)/u.exec(said)?.slice(1)).toEqual(['4711', '1']);
  expect(core.threads[0]).toMatchObject({ id: 4711, parentId: 1 });
  const pointer = /(?:rip|eip|pc|nip|psw(?:a|\.addr)|psw_addr|pswa): +(?:0x)?([0-9a-f]+)/u.exec(said)?.[1];
  if (pointer !== undefined && /(?:rip|eip|pc|nip|pswa?): +0x/u.test(said)) {
    expect(core.threads[0]?.instructionPointer).toBe(BigInt(`0x${pointer}`));
  }
  expect(/PAGESZ: (\d+)/u.exec(said)?.[1]).toBe('4096');
  expect(core.auxiliaryVector.map(({ name: entry }) => entry)).toEqual(['AT_PAGESZ', 'AT_ENTRY']);
});
