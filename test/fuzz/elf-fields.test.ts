import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { inspectFile } from '../../language-server/elf/inspection.ts';
import { readOverview } from '../../language-server/elf/overview.ts';
import { readRows } from '../../language-server/elf/tables.ts';
import { UserError } from '../../language-server/protocol/errors.ts';
import { type ElfField, elfFields } from '../support/elf-fields.ts';
import { type ElfSample, elfSamples } from '../support/elf-samples.ts';
import { toolchainIn } from '../support/elf-toolchain.ts';
import { accountFor, installMemoryAccount, reachableBytes } from '../support/memory-account.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

/**
 * Twenty small files, each cut off at every 64 bytes, and each field of each header and record replaced, one after the other:
 * no exception but UserError, no hang, no memory for what is not there, and a finding for each broken part.
 */
installMemoryAccount();
const folder = temporaryFolder();
const samples = elfSamples(toolchainIn(folder));
const file = join(folder, 'libmade.so.1');

/** Processor time of one case: everything that there is of the file. */
const mostMs = 200;
/**
 * Of the buffers of one answer, beside twice what was read for it, also those that are garbage before it is given. Pages are cut
 * from pieces of 64 KiB (`newBuffer` of the reader), of which the last is not used up. And a table of headers that a broken count
 * makes as long as the file is gone through several times: where a piece of it lies over pages that were not read one after the
 * other, it is put together for each.
 */
const fixedBytes = 256 << 10;
/**
 * Of the heap, beside twice what was read, for what lives on after a case: what V8 learns about the code, and what is kept of
 * the last files by the caches of the server, which have limits of their own.
 */
const keptBytes = 4 << 20;
/** What a case may leave for the garbage collector before it is asked whether it is garbage: V8's young generation. */
const youngBytes = 16 << 20;

/** An answer that takes no more buffers than it may. */
async function accounted<T>(answer: () => Promise<T>): Promise<T> {
  const { value, account } = await accountFor(answer);
  expect(account.bufferBytes).toBeLessThan(2 * account.bytesRead + fixedBytes);
  return value;
}

/** What is found in the file, once everything of it was read; the sentence of a refusal. */
async function findingsIn(bytes: Uint8Array): Promise<readonly string[]> {
  writeFileSync(file, bytes);
  const told = (found: { readonly code: string; readonly offset?: number; readonly message: string }): string =>
    `${found.code} ${found.offset ?? ''} ${found.message}`;
  const found = new Set<string>();
  try {
    const overview = await accounted(() => readOverview(file));
    for (const finding of overview.findings) found.add(told(finding));
    for (const { id, rowCount } of overview.tables) {
      const { rows, findings } = await accounted(() =>
        readRows(file, { table: id, start: 0, count: 1000, filter: '' }),
      );
      expect(rows.length).toBeLessThanOrEqual(1000);
      expect(rowCount).toBeLessThanOrEqual(bytes.length);
      for (const finding of findings) found.add(told(finding));
    }
    const inspection = await accounted(() => inspectFile(file));
    for (const finding of inspection.findings) found.add(told(finding));
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    found.add(`refused ${error.message}`);
  }
  return [...found];
}

/** The same, and whether it took too much: asked again before it counts, since compiling and collecting garbage take time too. */
async function measured(bytes: Uint8Array): Promise<readonly string[]> {
  let took = Number.POSITIVE_INFINITY;
  for (let attempt = 0; attempt < 3; attempt += 1) {
    const began = process.cpuUsage();
    const before = process.memoryUsage().heapUsed;
    const { value: found, account } = await accountFor(() => findingsIn(bytes));
    if (process.memoryUsage().heapUsed - before > 2 * account.bytesRead + youngBytes) await checkKept(bytes);
    const { user, system } = process.cpuUsage(began);
    took = Math.min(took, (user + system) / 1000);
    if (took <= mostMs) return found;
  }
  throw new Error(`It took ${took} ms of processor time.`);
}

/** What a case leaves behind is garbage, but for what it found. */
async function checkKept(bytes: Uint8Array): Promise<void> {
  const before = reachableBytes();
  const { value: found, account } = await accountFor(() => findingsIn(bytes));
  expect(reachableBytes() - before).toBeLessThan(2 * account.bytesRead + keptBytes);
  expect(found.length).toBeGreaterThanOrEqual(0);
}

function withField({ bytes }: ElfSample, { offset, size }: ElfField, value: bigint): Buffer {
  const copy = Buffer.from(bytes);
  const field = Buffer.alloc(8);
  field.writeBigUInt64LE(BigInt.asUintN(64, value));
  const little = field.subarray(0, Math.min(size, 8));
  copy.set(bytes[5] === 1 ? little : little.toReversed(), offset);
  return copy;
}

installMemoryAccount();
const hostile = [0n, 1n, 0x7fff_ffffn, 2n ** 64n - 1n];
/** Far behind the end of each of the files. */
const far = 0x0fff_fff0n;
/** `ELF_FIELDS=all`: each hostile value in each field, in place of one. */
const all = process.env['ELF_FIELDS'] === 'all';

interface Breaking {
  /** `structure.field` */
  readonly fields: RegExp;
  readonly value: bigint;
  /** Where the value breaks something; absent: everywhere. */
  readonly where?: (field: ElfField, sample: ElfSample) => boolean;
}

const notFirst = ({ index }: ElfField): boolean => index > 0;
const goesOn = (field: ElfField, { bytes }: ElfSample): boolean => numberAt(bytes, field) !== 0;
/** The fields of the same record that come `distance` behind it, or before. */
const besides = ({ bytes }: ElfSample, { offset, size }: ElfField, distance: number): number =>
  numberAt(bytes, { offset: offset + distance, size });
const hasSegments = ({ bytes }: ElfSample): boolean =>
  numberAt(bytes, { offset: bytes[4] === 2 ? 56 : 44, size: 2 }) > 0;
const hasSections = ({ bytes }: ElfSample): boolean =>
  numberAt(bytes, { offset: bytes[4] === 2 ? 60 : 48, size: 2 }) > 0;
/** The program headers of a debug file are those of the file that it was taken from. */
const isWhole = ({ name }: ElfSample): boolean => name !== 'debug file';

/** Values that break a part by themselves: a finding must say so. */
const breaking: readonly Breaking[] = [
  { fields: /^ehdr\.(?:EI_CLASS|EI_DATA|EI_VERSION|e_version)$/u, value: 3n },
  { fields: /^ehdr\.e_ehsize$/u, value: 1n },
  { fields: /^ehdr\.e_(?:phoff|phnum)$/u, value: 0xfff0n, where: (_, sample) => hasSegments(sample) },
  { fields: /^ehdr\.e_phentsize$/u, value: 1n, where: (_, sample) => hasSegments(sample) },
  { fields: /^ehdr\.e_(?:shoff|shnum|shstrndx)$/u, value: 0xfef0n, where: (_, sample) => hasSections(sample) },
  { fields: /^ehdr\.e_shoff$/u, value: far },
  { fields: /^ehdr\.e_shentsize$/u, value: 1n, where: (_, sample) => hasSections(sample) },
  { fields: /^phdr\.\w+\.p_filesz$/u, value: far, where: (_, sample) => isWhole(sample) },
  {
    fields: /^phdr\.\w+\.p_offset$/u,
    value: far,
    where: (field, sample) => isWhole(sample) && besides(sample, field, sample.bytes[4] === 2 ? 24 : 12) > 0,
  },
  { fields: /^phdr\.LOAD\.p_memsz$/u, value: 0n, where: (_, sample) => isWhole(sample) },
  { fields: /^phdr\.LOAD\.p_vaddr$/u, value: 1n, where: (_, sample) => isWhole(sample) },
  { fields: /^phdr\.LOAD\.p_align$/u, value: 3n, where: (_, sample) => isWhole(sample) },
  { fields: /^shdr\.(?!NULL)\w+\.sh_(?:name|link)$/u, value: far },
  { fields: /^shdr\.(?!NULL)\w+\.sh_addralign$/u, value: 3n },
  { fields: /^shdr\.(?!NULL|NOBITS)\w+\.sh_size$/u, value: far },
  {
    fields: /^shdr\.(?!NULL|NOBITS)\w+\.sh_offset$/u,
    value: far,
    where: (field, sample) => besides(sample, field, field.size) > 0,
  },
  { fields: /^shdr\.(?:SYMTAB|DYNSYM|RELA?)\.sh_info$/u, value: far },
  { fields: /^shdr\.(?:SYMTAB|DYNSYM|RELA?|DYNAMIC|VERSYM)\.sh_entsize$/u, value: 1n },
  {
    fields: /^dyn\.(?:NEEDED|SONAME|RUNPATH|STRTAB|SYMTAB|HASH|GNU_HASH|VERSYM|VERDEF|VERNEED)\.d_val$/u,
    value: far,
  },
  { fields: /^dyn\.(?:RELA?|JMPREL|INIT|FINI|INIT_ARRAY|FINI_ARRAY)\.d_val$/u, value: far },
  { fields: /^dyn\.(?:RELA?SZ|PLTRELSZ|INIT_ARRAYSZ|FINI_ARRAYSZ|STRSZ)\.d_val$/u, value: far },
  { fields: /^dyn\.(?:RELA?ENT|SYMENT|PLTREL|VERNEEDNUM|VERDEFNUM)\.d_val$/u, value: 99n },
  { fields: /^sym\.st_name$/u, value: far, where: notFirst },
  { fields: /^sym\.st_shndx$/u, value: 0xfe00n, where: (field, sample) => notFirst(field) && hasSections(sample) },
  { fields: /^rela?\.r_info$/u, value: 2n ** 64n - 1n },
  { fields: /^(?:verneed\.vn|verdef\.vd)_(?:version|cnt)$/u, value: 99n },
  { fields: /^(?:verneed\.vn|verdef\.vd)_(?:file|aux|next)$/u, value: far },
  { fields: /^(?:vernaux\.vna|verdef\.vd)_hash$/u, value: 1n },
  { fields: /^(?:vernaux\.vna|verdaux\.vda)_name$/u, value: far },
  { fields: /^(?:vernaux\.vna|verdaux\.vda)_next$/u, value: far, where: goesOn },
  { fields: /^nhdr\.n_(?:namesz|descsz)$/u, value: far },
  { fields: /^hash\.(?:nbucket|nchain)$/u, value: far },
  { fields: /^gnu-hash\.(?:nbuckets|symoffset)$/u, value: far },
  { fields: /^gnu-hash\.bloom_size$/u, value: 3n },
];

function numberAt(bytes: Buffer, { offset, size }: Pick<ElfField, 'offset' | 'size'>): number {
  if (size === 8) return Number(bytes[5] === 1 ? bytes.readBigUInt64LE(offset) : bytes.readBigUInt64BE(offset));
  return bytes[5] === 1 ? bytes.readUIntLE(offset, size) : bytes.readUIntBE(offset, size);
}

/** The fields that hold the value and say nothing. */
async function silentFields(sample: ElfSample, fields: readonly ElfField[]): Promise<readonly string[]> {
  const silent: string[] = [];
  for (const field of fields) {
    const name = `${field.structure}.${field.field}`;
    for (const { fields: broken, value, where } of breaking) {
      if (!broken.test(name) || where?.(field, sample) === false) continue;
      const found = await measured(withField(sample, field, value));
      if (found.length === 0) silent.push(`${name} of ${field.index} at ${field.offset}: ${value}`);
    }
  }
  return silent;
}

describe.for(samples.map((sample, number) => ({ ...sample, number })))('$name', ({ number, ...sample }) => {
  const fields = elfFields(sample.bytes);

  test('is whole to begin with', async () => {
    await checkKept(sample.bytes);
    expect(fields.length).toBeGreaterThan(100);
    expect(await findingsIn(sample.bytes)).toEqual([]);
  });

  test('cut off at every 64 bytes: always a finding', async () => {
    for (let length = 0; length < sample.bytes.length; length += 64) {
      expect([length, await measured(sample.bytes.subarray(0, length))]).not.toEqual([length, []]);
    }
  });

  test('each field with a value that breaks it: a finding', async () => {
    expect(await silentFields(sample, fields)).toEqual([]);
  });

  test('each field with a hostile value', async () => {
    for (const [index, field] of fields.entries()) {
      const values = all ? hostile : [hostile[(index + number) % hostile.length] ?? 0n];
      for (const value of values) await measured(withField(sample, field, value));
    }
  });
});

test('each rule breaks a field of some sample', () => {
  const names = new Set(samples.flatMap(({ bytes }) => elfFields(bytes)).map(one => `${one.structure}.${one.field}`));
  for (const { fields } of breaking)
    expect([fields, [...names].some(name => fields.test(name))]).toEqual([fields, true]);
});
