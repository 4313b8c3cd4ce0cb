import { readFileSync } from 'node:fs';
import { realPath } from '../dependencies/files/loader-files.ts';
import { cachedPath } from '../dependencies/glibc/cache-lookup.ts';
import { parseLdSoCache } from '../dependencies/glibc/ld-so-cache.ts';
import { folderOf } from '../dependencies/loader/link-map.ts';
import type { LoaderTarget } from '../dependencies/objects/loader-object.ts';
import { machineNumbers } from '../dependencies/objects/machines.ts';
import { openHashLookup } from '../dependencies/symbols/hash-lookup.ts';
import { nameBytes, symbolName } from '../dependencies/symbols/symbol-name.ts';
import type { ElfFile } from '../elf/elf-file.ts';
import { withElfFile } from '../elf/open-elf.ts';
import { sectionIndex, symbolBinding } from '../elf/reader/symbol-table.ts';
import { osPath } from '../native/byte-text.ts';
import { namesIn } from '../native/folder-names.ts';
import type { ByteText } from '../protocol/elf.ts';
import { UserError } from '../protocol/errors.ts';
import { inRoot } from './library-copies.ts';
import type { World } from './world.ts';

/** A file that defines a symbol for others. */
export interface Exporter {
  readonly path: ByteText;
  readonly soname: ByteText | null;
  /** "@@V" the default version, "@V" an older one, '' none. */
  readonly versions: readonly string[];
}

const maximumSteps = 100_000;
const maximumFiles = 6000;

/** How a file defines a symbol; null where it does not, or is no ELF file. By its hash table, as the loader looks it up. */
export async function exporterOf(path: ByteText, name: ByteText): Promise<Exporter | null> {
  try {
    return await withElfFile(path, file => {
      const versions = versionsOf(file, name);
      if (versions.length === 0) return null;
      const soname = file.dynamic()?.names(sonameTag).at(-1) ?? null;
      return { path, soname, versions };
    });
  } catch (error) {
    if (error instanceof UserError) return null;
    throw error;
  }
}

const sonameTag = 14;

function versionsOf(file: ElfFile, name: ByteText): readonly string[] {
  const dynamic = file.dynamic();
  const table = file.dynamicSymbols();
  if (dynamic === null || table === null) return [];
  const { fields, source } = file.image;
  const lookup = openHashLookup(file.image, dynamic, { steps: maximumSteps });
  const versions: string[] = [];
  for (const index of lookup?.find(symbolName(nameBytes(name))) ?? []) {
    const bytes = table.block(index, 1);
    if (bytes.length < table.layout.bytes || table.strings.at(fields.u32(bytes, 0)) !== name) continue;
    const binding = bytes.readUInt8(table.layout.info) >> 4;
    const isHidden = [1, 2].includes(bytes.readUInt8(table.layout.other) & 3);
    const isUndefined = fields.u16(bytes, table.layout.sectionIndex) === sectionIndex.undefined;
    if (isUndefined || isHidden || binding === symbolBinding.local) continue;
    const { symbolsOffset, suffix } = file.versions();
    const number = symbolsOffset < 0 ? Buffer.alloc(0) : source.read(symbolsOffset + 2 * index, 2);
    versions.push(number.length < 2 ? '' : suffix(fields.u16(number, 0), true));
  }
  return versions;
}

/**
 * Those of some files that define a symbol, in their order.
 *
 * @param target What they have to be built for; null: anything.
 */
export async function exportersAmong(
  world: World,
  paths: Iterable<ByteText>,
  name: ByteText,
  target: Pick<LoaderTarget, 'class' | 'machine'> | null,
): Promise<readonly Exporter[]> {
  const found: Exporter[] = [];
  const seen = new Set<ByteText>();
  for (const path of paths) {
    const real = realPath(path) ?? path;
    if (seen.has(real) || seen.size >= maximumFiles) continue;
    seen.add(real);
    await world.pause();
    if (target !== null && !isFor(world, path, target)) continue;
    const exporter = await exporterOf(path, name);
    if (exporter !== null) found.push(exporter);
  }
  return found;
}

function isFor(world: World, path: ByteText, target: Pick<LoaderTarget, 'class' | 'machine'>): boolean {
  const file = world.read(path);
  return file?.kind === 'elf' && file.header.class === target.class && file.header.machine === target.machine;
}

/** What programs of this machine are for. */
export const thisMachine: LoaderTarget = {
  class: 64,
  byteOrder: 'little',
  machine: process.arch === 'arm64' ? machineNumbers.aarch64 : machineNumbers.x8664,
  flags: 0,
};

/** Libraries of this machine: those at hand, those beside a file, and those that the loader's cache and system folders have. */
export function* librariesOfMachine(world: World, near: readonly ByteText[]): Generator<ByteText> {
  const isLibrary = (name: ByteText): boolean => /\.so(?:\.\d[\w.]*)?$/u.test(name);
  for (const file of near)
    for (const name of namesIn(folderOf(file)).filter(isLibrary)) yield `${folderOf(file)}/${name}`;
  yield* world.findByName(isLibrary);
  yield* cachedLibraries(world);
  for (const folder of ['/usr/local/lib', '/usr/lib', '/lib', '/usr/lib64', '/lib64']) {
    for (const name of namesIn(inRoot(world, folder)).filter(isLibrary)) yield `${inRoot(world, folder)}/${name}`;
  }
}

/** Whether the loader's cache leads to the file. */
export function isCached(world: World, path: ByteText): boolean {
  const real = realPath(path);
  return cachedLibraries(world).some(cached => cached === path || realPath(cached) === real);
}

function cachedLibraries(world: World): readonly ByteText[] {
  try {
    const { cache } = parseLdSoCache(readFileSync(osPath(inRoot(world, '/etc/ld.so.cache'))), 'little');
    if (cache === null) return [];
    return cache.entries.flatMap(entry => {
      const path = cachedPath(cache, entry);
      return path === null ? [] : [inRoot(world, path)];
    });
  } catch {
    return [];
  }
}

/** Whether a definition satisfies who asks for a version: a file without versions satisfies all. */
export function satisfies({ versions }: Exporter, version: ByteText | null): boolean {
  return version === null || versions.some(suffix => suffix === '' || suffix.replace(/^@+/u, '') === version);
}
