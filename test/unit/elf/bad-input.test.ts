import { execFileSync, spawnSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { resolveTree } from '../../../language-server/dependencies/tree/tree.ts';
import { readBytes } from '../../../language-server/elf/bytes/read-bytes.ts';
import { compareFiles } from '../../../language-server/elf/compare/compare-files.ts';
import { disassemble } from '../../../language-server/elf/disassemble.ts';
import { readHardeningReport } from '../../../language-server/elf/hardening/hardening-report.ts';
import { inspectFile } from '../../../language-server/elf/inspection.ts';
import { withElfFile } from '../../../language-server/elf/open-elf.ts';
import { readOverview } from '../../../language-server/elf/overview.ts';
import { readFailure } from '../../../language-server/elf/refusals.ts';
import { readSize } from '../../../language-server/elf/size/size-tree.ts';
import { readRows } from '../../../language-server/elf/tables.ts';
import { readVersionsReport } from '../../../language-server/elf/versions/versions-report.ts';
import { encodeBytes } from '../../../language-server/native/byte-text.ts';
import { createNativeDoor } from '../../../language-server/native/create-door.ts';
import { type ErrorKind, UserError } from '../../../language-server/protocol/errors.ts';
import { findWhoNeeds } from '../../../language-server/scan/who-needs.ts';
import { buildElf } from '../../support/elf-builder.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const folder = temporaryFolder();
const door = createNativeDoor({ toolPath: () => undefined, isTrusted: () => false, log: () => undefined });
const path = (name: string): string => join(folder, name);

function file(name: string, contents: string | Uint8Array): string {
  writeFileSync(path(name), contents);
  return path(name);
}

/** Whatever the file is asked for, the sentence is the same. */
async function check(target: string, kind: ErrorKind, message: RegExp): Promise<void> {
  const ways = [
    () => readOverview(target),
    () => inspectFile(target),
    () => readRows(target, { table: 'sections', start: 0, count: 10, filter: '' }),
    () => readBytes(target, { offset: 0, length: 16 }),
    () => readHardeningReport(target),
    () => readVersionsReport(target),
    () => readSize(target),
    () => compareFiles(target, '/bin/sh'),
    () => compareFiles('/bin/sh', target),
    () => resolveTree(target, { environment: { cwd: '/' } }),
    () => findWhoNeeds({ path: target }, [{ paths: ['/bin/sh'] }]),
    () => disassemble(door, target, {}, { maximumLines: 10, onText: () => undefined }),
  ];
  const sentences = new Set<unknown>();
  for (const way of ways) {
    const error: unknown = await way().then(
      () => null,
      (reason: unknown) => reason,
    );
    expect(error).toBeInstanceOf(UserError);
    expect(error).toMatchObject({ kind, message: expect.stringMatching(message) });
    sentences.add((error as UserError).message);
  }
  expect([...sentences]).toHaveLength(1);
}

describe('a file that is something else', () => {
  const cases: readonly (readonly [string, string | Uint8Array, ErrorKind, RegExp])[] = [
    ['text.so', 'Hello, I am a text.\n', 'notElf', /text\.so is text \("Hello, I am a text\."\), not an ELF file/u],
    ['latin.so', Buffer.from('Gr\xfc\xdfe\n', 'latin1'), 'notElf', /is text \("Gr\\xfc\\xdfe"\)/u],
    ['empty.so', '', 'notElf', /empty\.so is empty\./u],
    [
      'libc.so',
      '/* GNU ld script\n   Use the shared library. */\nOUTPUT_FORMAT(elf64-x86-64)\nGROUP ( /lib/libc.so.6 /lib/libc_nonshared.a )\n',
      'notElf',
      /script for the GNU linker \(GROUP \( \/lib\/libc\.so\.6/u,
    ],
    ['libm.so', 'INPUT(libm.so.6)\n', 'notElf', /script for the GNU linker \(INPUT\(libm\.so\.6\)\)/u],
    ['script', '#!/bin/sh\necho\n', 'notElf', /is a script \(#!\/bin\/sh\)/u],
    ['mach.so', Buffer.from('cffaedfe07000001', 'hex'), 'notElf', /Mach-O/u],
    ['fat.so', Buffer.from('cafebabe00000002', 'hex'), 'notElf', /universal Mach-O/u],
    ['A.class', Buffer.from('cafebabe00000034', 'hex'), 'notElf', /Java class file/u],
    ['win.dll', 'MZ\x90\0', 'notElf', /Windows program or DLL/u],
    ['x.wasm', '\0asm\x01\0\0\0', 'notElf', /WebAssembly/u],
    ['x.so.gz', gzipSync('x'), 'notElf', /compressed with gzip/u],
    ['x.ko.xz', Buffer.from('fd377a585a000004', 'hex'), 'notElf', /compressed with xz/u],
    ['x.whl', 'PK\x03\x04', 'notElf', /ZIP archive/u],
    ['lfs.so', 'version https://git-lfs.github.com/spec/v1\noid sha256:00\n', 'notElf', /Git LFS pointer/u],
    ['bitcode.o', Buffer.from('4243c0de35140000', 'hex'), 'notElf', /LLVM bitcode/u],
    ['zeros.so', Buffer.alloc(100_000), 'notElf', /begins with nothing but zeros/u],
    ['bytes.so', Buffer.from([1, 2, 3, 4, 5]), 'notElf', /begins with the bytes 01 02 03 04/u],
  ];
  test.for(cases)('%s', async ([name, contents, kind, message]) => {
    await check(file(name, contents), kind, message);
  });

  test('control characters of a name cannot reach a terminal', async () => {
    const error: unknown = await readOverview(file('bell\x1b[31m.so', 'x')).catch((reason: unknown) => reason);
    expect((error as Error).message).toContain('bell\\x1b[31m.so');
  });
});

describe('a file that is only the beginning of one', () => {
  test.for([4, 5, 6, 16, 51, 63])('%i bytes of a header', async length => {
    const bytes = buildElf({}).subarray(0, length);
    await check(
      file(`short${length}`, bytes),
      'notElf',
      /too short to be one: it has \d+ bytes, and the header alone has (?:64|52)\./u,
    );
  });

  test('an unknown class', async () => {
    const bytes = buildElf({});
    bytes[4] = 7;
    await check(file('class7', bytes), 'notElf', /its class byte is 7 where 1 \(32-bit\) or 2 \(64-bit\) is expected/u);
  });

  test('cut anywhere behind the header, the rest stays visible and something is found', async () => {
    const whole = readFileSync('/bin/sh');
    const overview = await readOverview('/bin/sh');
    for (let length = 64; length < whole.length; length += Math.ceil(whole.length / 40)) {
      const cut = await readOverview(file('cut', whole.subarray(0, length)));
      expect(cut.identity.machine).toBe(overview.identity.machine);
      expect(cut.findings.map(({ severity }) => severity)).toContain('error');
    }
  });
});

describe('what is no regular file is never opened', () => {
  test('a folder', async () => {
    await check(folder, 'notRegularFile', /is a folder/u);
  });

  test('a fifo, without waiting for a writer', async () => {
    execFileSync('mkfifo', [path('fifo.so')]);
    await check(path('fifo.so'), 'notRegularFile', /is a named pipe \(fifo\)/u);
  });

  test('a socket', async () => {
    const server = createServer();
    await new Promise<void>(resolve => server.listen(path('s.so'), resolve));
    await check(path('s.so'), 'notRegularFile', /is a socket/u);
    await new Promise(resolve => server.close(resolve));
  });

  test('a device', async () => {
    await check('/dev/zero', 'notRegularFile', /is a device/u);
  });
});

describe('a file that is not there', () => {
  test('no such file', async () => {
    await check(path('absent.so'), 'notFound', /absent\.so does not exist\./u);
  });

  test('below a file', async () => {
    await check(`${file('plain', 'x')}/lib.so`, 'notFound', /a part of its path is not a folder/u);
  });

  test('a link to itself', async () => {
    symlinkSync('loop', path('loop'));
    await check(path('loop'), 'notFound', /too many symbolic links/u);
  });

  test('a name that is too long, or holds a NUL', async () => {
    await check(path('n'.repeat(300)), 'notFound', /longer than the system allows/u);
    await check(`${folder}/a\0b`, 'notFound', /NUL byte/u);
  });
});

describe('a file that may not be read', () => {
  test('errno becomes a sentence', () => {
    const error = readFailure('/x/lib.so', Object.assign(new Error('raw'), { code: 'EACCES' }));
    expect(error).toMatchObject({ kind: 'unreadable', message: '/x/lib.so may not be read (permission denied).' });
    const other = new TypeError('a mistake of ours');
    expect(readFailure('/x/lib.so', other)).toBe(other);
  });

  test('for a user without rights', () => {
    // Root may read everything: then a child that is nobody asks.
    const target = path('secret.so');
    copyFileSync('/bin/sh', target);
    chmodSync(target, 0o000);
    chmodSync(folder, 0o755);
    const script = `
      import('node:fs').then(({ openSync }) => { try { openSync(${JSON.stringify(target)}); } catch (error) { console.log(error.code); } });`;
    const identity = process.getuid?.() === 0 ? { uid: 65534, gid: 65534 } : {};
    const { stdout } = spawnSync(process.execPath, ['-e', script], { encoding: 'utf8', ...identity });
    expect(stdout.trim()).toBe('EACCES');
    expect(readFailure(target, Object.assign(new Error(), { code: stdout.trim() }))).toMatchObject({
      kind: 'unreadable',
    });
  });
});

describe('a file that changes while it is open', () => {
  test('becomes shorter: what was read is returned, and a finding says so', async () => {
    const target = path('shrinking.so');
    copyFileSync('/bin/sh', target);
    const { findings, notes } = await withElfFile(target, opened => {
      truncateSync(target, 4096);
      return { notes: opened.notes(), segments: opened.image.segments.count, findings: opened.findings() };
    });
    expect(notes).toBeInstanceOf(Array);
    expect(findings.map(({ code }) => code)).toContain('elf/changed-while-reading');
  });

  test('grows', async () => {
    const target = path('growing.so');
    copyFileSync('/bin/sh', target);
    const findings = await withElfFile(target, opened => {
      writeFileSync(target, 'more', { flag: 'a' });
      return opened.findings();
    });
    expect(findings.map(({ code }) => code)).toContain('elf/changed-while-reading');
  });

  test('vanishes: the open file is still read', async () => {
    const target = path('vanishing.so');
    copyFileSync('/bin/sh', target);
    const entries = await withElfFile(target, opened => {
      rmSync(target);
      return opened.dynamic()?.entries.count ?? 0;
    });
    expect(entries).toBeGreaterThan(10);
    await check(target, 'notFound', /does not exist/u);
  });
});

describe('a sparse file of 2 GB', () => {
  test('is zeros, found out by its beginning', async () => {
    const target = file('sparse.so', '');
    truncateSync(target, 2 ** 31 + 4096);
    await check(target, 'notElf', /nothing but zeros/u);
  });

  test('with an ELF header in front and tables that fill it: bounded work, and a finding', async () => {
    const bytes = buildElf({ header: { sectionHeaderOffset: 64, sectionHeaderBytes: 64, sectionHeaderCount: 0 } });
    const sparse = Buffer.concat([bytes, Buffer.alloc(64)]);
    // sh_size of section 0: the number of sections (extended numbering).
    sparse.writeBigUInt64LE(33_000_000n, 64 + 32);
    const target = file('sparse-elf.so', sparse);
    truncateSync(target, 2 ** 31);
    const overview = await readOverview(target);
    expect(overview.tables.find(({ id }) => id === 'sections')?.rowCount).toBe(33_000_000);
    const last = await readRows(target, { table: 'sections', start: 32_999_999, count: 10, filter: '' });
    expect(last.rows).toHaveLength(1);
  });
});

test('a name that is not UTF-8, with quotes and a newline', async () => {
  const name = `${folder}/odd '\n\udcff.so`;
  copyFileSync('/bin/sh', encodeBytes(name));
  const overview = await readOverview(name);
  expect(overview.path).toBe(name);
  const command = overview.tables[0]?.command ?? '';
  // The shell that gets the command finds the same file.
  const printed = execFileSync('/bin/sh', ['-c', command.replace('readelf -SW', 'ls -d --')], { encoding: 'buffer' });
  expect(printed.subarray(0, -1).equals(encodeBytes(name))).toBe(true);
});

test('an unknown table is said with the known ones', async () => {
  const request = { table: 'nonsense', start: 0, count: 1, filter: '' };
  await expect(readRows('/bin/sh', request)).rejects.toMatchObject({
    kind: 'invalidParams',
    message: expect.stringContaining('dynamic-symbols'),
  });
});

test('folders with names like options are opened as they are', async () => {
  mkdirSync(path('-d'));
  copyFileSync('/bin/sh', path('-d/--help'));
  expect((await readOverview(path('-d/--help'))).identity.kind).toBe('executable');
});
