import type { ByteText, ElfOverview } from '../protocol/elf.ts';
import { archiveOverview } from './archive/archive-overview.ts';
import { checkSecurity } from './checks/security-checks.ts';
import { checkStructure } from './checks/structure-checks.ts';
import { readFacts } from './facts.ts';
import { readIdentity } from './identity.ts';
import { quickLanguageLimits } from './languages/read-languages.ts';
import { withInspectedFile } from './open-elf.ts';
import { readOrigins } from './origins.ts';
import { overviewParts } from './size/overview-parts.ts';
import { tableSummaries } from './tables.ts';

/**
 * What a file, a member of an archive (`libx.a(part.o)`) or an archive is, and which tables it has; reads
 * only what that takes (some hundred KB at most, whatever the size of the file).
 * Throws UserError notFound, unreadable, notRegularFile, notElf, notSupported, or what the signal is aborted with.
 */
export async function readOverview(path: ByteText, signal?: AbortSignal): Promise<ElfOverview> {
  signal?.throwIfAborted();
  return await withInspectedFile(path, async (file): Promise<ElfOverview> => {
    if (file.kind === 'archive') return archiveOverview(file);
    const origins = await readOrigins(file, quickLanguageLimits, signal);
    const identity = readIdentity(file, origins.debugFile);
    const facts = readFacts(file, identity, origins);
    const parts = overviewParts(file.image);
    const tables = tableSummaries(file);
    checkStructure(file);
    checkSecurity(file, identity.kind);
    signal?.throwIfAborted();
    const { version } = file;
    const { sizeBytes } = file.image.source;
    return { path: file.path, version, sizeBytes, identity, facts, parts, tables, findings: file.findings() };
  });
}
