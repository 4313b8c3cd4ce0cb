import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { readSize } from '../../../language-server/elf/size/size-tree.ts';
import type { SizeGrouping } from '../../../language-server/protocol/size.ts';
import { toolchainIn } from '../../support/elf-toolchain.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const { compile, path, run } = toolchainIn(temporaryFolder());

/** Much more than any of these takes on the busiest machine, much less than work that grows with the square. */
const deadlineMs = 15_000;
const maximumGrowthBytes = 512 << 20;

/** What debug information that is made to take time or memory leads to. */
async function readHostile(name: string, assembly: string): Promise<readonly string[]> {
  const file = compile(name, `.text\ncode: nop\n${assembly}\n`, '-shared', '-nostdlib');
  const codes = new Set<string>();
  for (const by of ['source', 'unit'] satisfies readonly SizeGrouping[]) {
    const before = process.memoryUsage();
    const start = performance.now();
    const { root, findings } = await readSize(file, { by });
    const after = process.memoryUsage();
    expect(performance.now() - start).toBeLessThan(deadlineMs);
    expect(after.arrayBuffers + after.heapUsed - before.arrayBuffers - before.heapUsed).toBeLessThan(
      maximumGrowthBytes,
    );
    expect(root.fileBytes).toBe(statSync(file).size);
    for (const { code } of findings) codes.add(code);
  }
  return [...codes].sort();
}

/** Units of DWARF 4 with nothing but a first entry of one attribute (a word), and a name. */
const units = (count: number, abbreviation: string, word: string): string => `.section .debug_info,"",@progbits
.set at, 0
.rept ${count}
.4byte 14
.2byte 4
.4byte ${abbreviation}
.byte 8
.uleb128 1
.4byte ${word}
.asciz "x"
.set at, at + 1
.endr`;

const oneAttribute = (attribute: number, form: number): string => `.section .debug_abbrev,"",@progbits
.uleb128 1, 0x11
.byte 0
.uleb128 ${attribute}, ${form}, 0x03, 0x08, 0, 0
.byte 0`;

describe('debug information that is made to take time or memory', () => {
  test('units that all read another part of one huge table of abbreviations', async () => {
    const table = `.section .debug_abbrev,"",@progbits\n.rept 200000\n.byte 1, 0x11, 0, 0x10, 0x17, 3, 8, 0, 0\n.endr\n.byte 0`;
    expect(await readHostile('abbreviations.so', `${units(5000, '9 * at', '0')}\n${table}`)).toContain(
      'elf/debug-unit',
    );
  });

  test('line tables that all overlap', async () => {
    const table = `.section .debug_line,"",@progbits\n.rept 60000\n.4byte 0x3fffff\n.2byte 2\n.4byte 20\n.byte 1,1,0xfb,14,10,0,0,0,0,0,0\n.endr`;
    const asked = `${units(5000, '0', '21 * at')}\n${oneAttribute(0x10, 0x17)}\n${table}`;
    expect(await readHostile('lines.so', asked)).toContain('elf/debug-line');
  });

  test('range lists that are all the same long one', async () => {
    const list = `.section .debug_ranges,"",@progbits\n.rept 100000\n.8byte code, code + 1\n.endr\n.8byte 0, 0`;
    const asked = `${units(5000, '0', '0')}\n${oneAttribute(0x55, 0x17)}\n${list}`;
    expect(await readHostile('ranges.so', asked)).toContain('elf/debug-unit');
  });

  test('files of a line table that all have one long name', async () => {
    const table = `.section .debug_line,"",@progbits
.4byte end - start
start: .2byte 5
.byte 8, 0
.4byte program - header
header: .byte 1, 1, 1, 0xfb, 14, 1
.byte 0, 0, 1
.uleb128 1, 0x1f
.uleb128 200000
.rept 200000
.4byte 0
.endr
program: .byte 0, 9, 2
.8byte code
.byte 1, 2, 1, 0, 1, 1
end:
.section .debug_line_str,"",@progbits
.rept 4000
.ascii "x"
.endr
.byte 0`;
    const asked = `${units(1, '0', '0')}\n${oneAttribute(0x10, 0x17)}\n${table}`;
    expect(await readHostile('names.so', asked)).toContain('elf/debug-line');
  });

  test('a section that says to be a terabyte when uncompressed', async () => {
    run('gcc', '-g', '-gz', '-shared', '-fPIC', '-o', 'packed.so', compileSource());
    const bytes = readFileSync(path('packed.so'));
    const [, offset = ''] =
      /\.debug_info +PROGBITS +[0-9a-f]+ ([0-9a-f]+) /u.exec(run('readelf', '-SW', 'packed.so')) ?? [];
    bytes.writeBigUInt64LE(1n << 40n, Number.parseInt(offset, 16) + 8);
    writeFileSync(path('terabyte.so'), bytes);
    const { findings } = await readSize(path('terabyte.so'), { by: 'source' });
    expect(findings.map(({ code }) => code)).toContain('elf/debug-compression');
  });

  test('entries that lead back, and to themselves', async () => {
    const abbreviations = `.section .debug_abbrev,"",@progbits
.uleb128 1, 0x11
.byte 1
.uleb128 0, 0, 2, 0x13
.byte 1
.uleb128 0x01, 0x13, 0, 0, 3, 0x34
.byte 0
.uleb128 0x02, 0x18, 0x47, 0x13, 0, 0, 0`;
    const entries = `.section .debug_info,"",@progbits
.4byte end - start
start: .2byte 4
.4byte 0
.byte 8
.uleb128 1
.uleb128 2
.4byte 11
again: .uleb128 3
.uleb128 9
.byte 3
.8byte code
.4byte again - start + 4
.byte 0
end:`;
    expect(await readHostile('loops.so', `${abbreviations}\n${entries}`)).toEqual(['elf/debug-elsewhere']);
  });
});

function compileSource(): string {
  writeFileSync(path('small.c'), 'int small(int a) { return a; }\n');
  return path('small.c');
}
