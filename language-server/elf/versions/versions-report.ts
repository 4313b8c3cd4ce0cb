import { shellCommand } from '../../native/shell-quote.ts';
import type { ByteText, ElfIdentity, PlatformVerdict, VersionFloor, VersionNeedSymbols } from '../../protocol/elf.ts';
import type { VersionRemedy, VersionsReport } from '../../protocol/versions.ts';
import type { ElfFile } from '../elf-file.ts';
import { readIdentity } from '../identity.ts';
import { type ImportedSymbol, readImports } from '../imports.ts';
import { pythonTag } from '../languages/python-tag.ts';
import { withElfFile } from '../open-elf.ts';
import { platformMachine } from '../platforms/machines.ts';
import { muslFloorOf } from '../platforms/musl-floor.ts';
import { oldestPlatforms } from '../platforms/oldest-platforms.ts';
import { releasesDate } from '../platforms/releases.ts';
import { remediesFor } from '../platforms/remedies.ts';
import { versionFloorsOf, versionNeedsOf } from './version-floors.ts';
import { cLibraryOf } from './versions-report-libc.ts';

type Floors = Readonly<Record<string, VersionFloor>>;
type Needs = readonly (VersionNeedSymbols & { readonly weak: boolean })[];

/**
 * Which systems can run the file, and why no older ones.
 * Throws UserError notFound, unreadable, notRegularFile, notElf, notSupported, or what the signal is aborted with.
 */
export async function readVersionsReport(path: ByteText, signal?: AbortSignal): Promise<VersionsReport> {
  signal?.throwIfAborted();
  return await withElfFile(path, async (file): Promise<VersionsReport> => {
    const identity = readIdentity(file);
    const imports = await readImports(file, signal);
    const needs = versionNeedsOf(file.versions(), imports);
    const floors = floorsOf(identity, needs, imports);
    const platforms = platformsOf(file, identity, floors);
    return {
      path,
      version: file.version,
      libc: cLibraryOf(identity),
      needs: needs.map(({ provider, version, symbols }) => ({ provider, version, symbols })),
      floors,
      platforms,
      remedies: remediesOf(path, needs, floors, platforms),
      dataDate: releasesDate,
      command: shellCommand(['readelf', '-VW', path]),
    };
  });
}

/** The newest version of each family; musl has no versions, but functions that came with one. */
export function floorsOf(identity: ElfIdentity, needs: Needs, imports: readonly ImportedSymbol[]): Floors {
  const floors = versionFloorsOf(needs);
  if (cLibraryOf(identity) !== 'musl') return floors;
  const musl = muslFloorOf(imports.map(({ name }) => name));
  return musl === null ? floors : { ...floors, MUSL: musl };
}

export function platformsOf({ image }: ElfFile, identity: ElfIdentity, floors: Floors): readonly PlatformVerdict[] {
  const { header, fields } = image;
  const libc = cLibraryOf(identity);
  if ((identity.kind !== 'executable' && identity.kind !== 'shared-library') || libc === 'other') return [];
  return oldestPlatforms({
    floors: Object.fromEntries(Object.entries(floors).map(([family, { version }]) => [family, version])),
    machine: platformMachine(header.machine, fields.class, fields.byteOrder),
    libc,
    needed: identity.needed,
  });
}

/** Those that lower a floor which keeps the file from an older release, or from all. */
function remediesOf(
  path: ByteText,
  needs: Needs,
  floors: Floors,
  platforms: readonly PlatformVerdict[],
): readonly VersionRemedy[] {
  const families = new Set(platforms.flatMap(({ reasons }) => reasons.map(({ family }) => family)));
  const symbols = [...families].flatMap(family => floors[family]?.symbols ?? []);
  const abilities = needs.filter(need => need.symbols.length === 0).map(({ version }) => version);
  const isPythonModule = pythonTag(path.slice(path.lastIndexOf('/') + 1)) !== null;
  const mustBundle = isPythonModule && platforms.some(({ bundle }) => bundle.length > 0);
  return remediesFor([...families, ...(mustBundle ? ['BUNDLE'] : [])], [...symbols, ...abilities]);
}
