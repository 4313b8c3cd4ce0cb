import type { ByteText } from '../../protocol/elf.ts';
import type { ElfFile } from '../elf-file.ts';
import { interpreterOf } from '../identity.ts';
import { dynamicTag } from '../reader/dynamic-section.ts';
import { platformMachine } from './machines.ts';
import { muslFloorOf } from './musl-floor.ts';
import type { PlatformQuery } from './oldest-platforms.ts';

/**
 * What {@link oldestPlatforms} asks about a file.
 * @param floors The newest version that it needs of each family (`versionFloorsOf`).
 * @param imports Names of its undefined dynamic symbols.
 */
export function platformQuery(
  file: ElfFile,
  floors: Readonly<Record<string, { readonly version: string }>>,
  imports: Iterable<ByteText>,
): PlatformQuery {
  const { header, fields } = file.image;
  const libc = libcOf(file);
  const versions = Object.fromEntries(Object.entries(floors).map(([family, { version }]) => [family, version]));
  const musl = libc === 'musl' ? muslFloorOf(imports) : null;
  return {
    floors: musl === null ? versions : { ...versions, MUSL: musl.version },
    machine: platformMachine(header.machine, fields.class, fields.byteOrder),
    libc,
    needed: file.dynamic()?.names(dynamicTag.needed) ?? [],
  };
}

/** Which C library a file is linked with: by its loader, else by the names that it needs. */
export function libcOf(file: ElfFile): PlatformQuery['libc'] {
  const loader = interpreterOf(file.image);
  if (loader !== null) return /\/ld-musl-/u.test(loader) ? 'musl' : 'glibc';
  const needed = file.dynamic()?.names(dynamicTag.needed) ?? [];
  if (needed.some(name => name === 'libc.so' || name.startsWith('libc.musl-'))) return 'musl';
  if (needed.length > 0) return 'glibc';
  // A library that needs nothing: only its versions, if any, tie it to glibc.
  return file.versions().needs.some(({ versions }) => versions.some(({ name }) => name.startsWith('GLIBC_')))
    ? 'glibc'
    : 'none';
}
