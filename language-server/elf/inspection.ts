import type { ByteText, Inspection } from '../protocol/elf.ts';
import { inspectArchive } from './archive/archive-inspection.ts';
import { checkSecurity } from './checks/security-checks.ts';
import { checkStructure } from './checks/structure-checks.ts';
import { readHardening } from './hardening/hardening.ts';
import { readIdentity } from './identity.ts';
import { readImports } from './imports.ts';
import { inspectionLimits } from './languages/read-languages.ts';
import { withInspectedFile } from './open-elf.ts';
import { readOrigins } from './origins.ts';
import { versionNeedsOf } from './versions/version-floors.ts';
import { floorsOf, platformsOf } from './versions/versions-report.ts';

/**
 * One file, archive or member of one (`libx.a(part.o)`) as the command line reports it. Reads all dynamic symbols.
 * Throws UserError notFound, unreadable, notRegularFile, notElf, notSupported, or what the signal is aborted with.
 */
export async function inspectFile(path: ByteText, signal?: AbortSignal): Promise<Inspection> {
  signal?.throwIfAborted();
  return await withInspectedFile(path, async (file): Promise<Inspection> => {
    if (file.kind === 'archive') return inspectArchive(file);
    const origins = await readOrigins(file, inspectionLimits, signal);
    const identity = readIdentity(file, origins.debugFile);
    const imports = await readImports(file, signal);
    const needs = versionNeedsOf(file.versions(), imports);
    const floors = floorsOf(identity, needs, imports);
    checkStructure(file);
    checkSecurity(file, identity.kind);
    return {
      path: file.path,
      ...identity,
      ...origins,
      hardening: await readHardening(file, identity, imports, signal),
      versionNeeds: needs.map(({ provider, version, symbols }) => ({ provider, version, symbols })),
      floors,
      platforms: platformsOf(file, identity, floors),
      findings: file.findings(),
    };
  });
}
