import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readBytes } from '../../../language-server/elf/bytes/read-bytes.ts';
import type { ByteField, ByteStructure, ByteStructureKind } from '../../../language-server/protocol/elf-bytes.ts';

const source = `
.section .init_array,"aw",%init_array
.balign 8
entry_list: WORD shown
.section .comment,"MS",%progbits,1
.string "one tool"
.string "another tool"
.section .note.sample,"a",%note
.balign 4
.4byte 4, 6, 9
.asciz "Own"
.ascii "abcdef"
.balign 4
.data
.balign 8
.globl counted
.type counted,%object
.size counted,8
counted: WORD imported
.space 8
.text
.globl shown
.type shown,%function
shown:
.space 16
.size shown,16
.type inner,%function
inner:
.space 8
.size inner,8
`;

export interface Target {
  /** Prefix of the assembler and linker. */
  readonly prefix: string;
  readonly assembler: readonly string[];
  readonly linker: readonly string[];
  readonly wordBytes: 4 | 8;
}

/** Both classes in both byte orders. */
export const targets: readonly Target[] = [
  { prefix: '', assembler: ['--64'], linker: ['-m', 'elf_x86_64'], wordBytes: 8 },
  { prefix: 'i686-linux-gnu-', assembler: ['--32'], linker: [], wordBytes: 4 },
  { prefix: 's390x-linux-gnu-', assembler: [], linker: [], wordBytes: 8 },
  { prefix: 'powerpc-linux-gnu-', assembler: ['-mbig'], linker: [], wordBytes: 4 },
];

/** An object file of the source above, and a library linked from it. */
export function assemble(folder: string, target: Target): { readonly object: string; readonly library: string } {
  const { prefix, assembler, linker, wordBytes } = target;
  const name = join(folder, `${prefix}sample`);
  writeFileSync(`${name}.s`, source.replaceAll('WORD', wordBytes === 8 ? '.8byte' : '.4byte'));
  const object = `${name}.o`;
  const library = `${name}.so`;
  execFileSync(`${prefix}as`, [...assembler, '-W', '-o', object, `${name}.s`]);
  const options = ['-shared', '--build-id', '--hash-style=both', '-soname', 'libsample.so.1', '-z', 'noseparate-code'];
  execFileSync(`${prefix}ld`, [...linker, ...options, '-o', library, object], { stdio: 'ignore' });
  return { object, library };
}

/** The structures of a whole file, each once, in pages as a hex view asks for them. */
export async function allStructures(path: string, pageBytes: number): Promise<readonly ByteStructure[]> {
  const { length: sizeBytes } = readFileSync(path);
  const found = new Map<string, ByteStructure>();
  for (let offset = 0; offset < sizeBytes; offset += pageBytes) {
    const page = await readBytes(path, { offset, length: pageBytes });
    for (const structure of page.structures) {
      const key = `${structure.kind} ${structure.name} ${structure.start}`;
      const before = found.get(key);
      found.set(key, before === undefined ? structure : joined(before, structure));
    }
  }
  return [...found.values()];
}

function joined(before: ByteStructure, after: ByteStructure): ByteStructure {
  const known = new Set(before.fields.map(({ start }) => start));
  return { ...before, fields: [...before.fields, ...after.fields.filter(({ start }) => !known.has(start))] };
}

export function ofKind(structures: readonly ByteStructure[], kind: ByteStructureKind): readonly ByteStructure[] {
  return structures.filter(structure => structure.kind === kind);
}

export function field(structure: ByteStructure | undefined, name: string): ByteField {
  const found = structure?.fields.find(candidate => candidate.name === name);
  if (found === undefined) throw new Error(`${structure?.name} has no field ${name}.`);
  return found;
}

/** The number that a field's text begins with. */
export function numberOf(structure: ByteStructure | undefined, name: string): bigint {
  return BigInt(field(structure, name).value.split(' ')[0] ?? '');
}

/** `od` prints the bytes, whatever xxd is installed. */
export function bytesByOd(path: string, offset: number, length: number): string {
  const printed = execFileSync('od', ['-A', 'n', '-v', '-t', 'x1', '-j', String(offset), '-N', String(length), path], {
    encoding: 'utf8',
  });
  return printed.replace(/\s/gu, '');
}
