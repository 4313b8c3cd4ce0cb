import type { ElfFile } from '../elf-file.ts';
import { dynamicTag } from '../reader/dynamic-section.ts';
import type { ElfImage } from '../reader/elf-image.ts';
import { hex } from '../reader/fields.ts';
import { hasWideHash } from '../reader/symbol-count.ts';

/** Adds a finding for a hash table whose header does not fit the file or the dynamic symbols. Reads the headers only. */
export function checkHashTables(file: ElfFile): void {
  const dynamic = file.dynamic();
  if (dynamic === null) return;
  const symbols = file.dynamicSymbols()?.count ?? null;
  checkGnuHash(file.image, dynamic.offsetOf(dynamicTag.gnuHash), symbols);
  checkSysvHash(file.image, dynamic.offsetOf(dynamicTag.hash), symbols);
}

function checkGnuHash(image: ElfImage, offset: number, symbols: number | null): void {
  if (offset < 0) return;
  const { source, fields } = image;
  const header = source.read(offset, 16);
  if (header.length < 16) {
    broken(image, '.gnu.hash', offset, '16 bytes', `${header.length} before the end`);
    return;
  }
  const [buckets, firstHashed, bloomWords] = [fields.u32(header, 0), fields.u32(header, 4), fields.u32(header, 8)];
  const end = offset + 16 + bloomWords * fields.wordBytes + buckets * 4;
  if (end > source.sizeBytes) {
    broken(image, '.gnu.hash', offset, `an end at ${hex(source.sizeBytes)} or before`, hex(end));
  }
  // The loader takes the word of the filter by the lowest bits of the hash (glibc elf/dl-setup_hash.c asserts it).
  if (bloomWords === 0 || (bloomWords & (bloomWords - 1)) !== 0) {
    broken(image, '.gnu.hash', offset, 'a power of two of words in the filter', String(bloomWords));
  }
  if (symbols !== null && firstHashed > symbols) {
    broken(image, '.gnu.hash', offset, `a first symbol of ${symbols} or before`, String(firstHashed));
  }
}

function checkSysvHash(image: ElfImage, offset: number, symbols: number | null): void {
  if (offset < 0) return;
  const { source, fields } = image;
  const entryBytes = hasWideHash(image) ? 8 : 4;
  const header = source.read(offset, 2 * entryBytes);
  if (header.length < 2 * entryBytes) {
    broken(image, '.hash', offset, `${2 * entryBytes} bytes`, `${header.length} before the end`);
    return;
  }
  const entry = (at: number): number => (entryBytes === 8 ? fields.word(header, at) : fields.u32(header, at));
  const [buckets, chains] = [entry(0), entry(entryBytes)];
  const end = offset + (2 + buckets + chains) * entryBytes;
  if (end > source.sizeBytes) {
    broken(image, '.hash', offset, `an end at ${hex(source.sizeBytes)} or before`, hex(end));
  } else if (symbols !== null && chains !== symbols) {
    broken(image, '.hash', offset, `a chain for each of ${symbols} symbols`, String(chains));
  }
}

function broken(image: ElfImage, table: string, offset: number, expected: string, actual: string): void {
  image.findings.add({
    code: 'elf/hash-table',
    severity: 'warning',
    message: `The hash table ${table} does not fit the file or its symbols: the loader may not find symbols that are there, or crash.`,
    offset,
    expected,
    actual,
    evidence: { rule: table === '.hash' ? 'gABI: Hash Table' : 'DT_GNU_HASH' },
  });
}
