import { shellCommand } from '../../native/shell-quote.ts';
import type { ByteText } from '../../protocol/elf.ts';
import type { HardeningReport } from '../../protocol/hardening.ts';
import { checkSecurity } from '../checks/security-checks.ts';
import { readIdentity } from '../identity.ts';
import { readImports } from '../imports.ts';
import { withElfFile } from '../open-elf.ts';
import { readHardening } from './hardening.ts';

/** The findings that say more than a verdict does. */
const securityCodes = /^elf\/(?:executable-stack|writable-executable-segment|text-relocations|run-path-|rpath-and)/u;

/** Throws UserError notFound, unreadable, notRegularFile, notElf, notSupported, or what the signal is aborted with. */
export async function readHardeningReport(path: ByteText, signal?: AbortSignal): Promise<HardeningReport> {
  signal?.throwIfAborted();
  return await withElfFile(path, async (file): Promise<HardeningReport> => {
    const identity = readIdentity(file);
    const imports = await readImports(file, signal);
    const hardening = await readHardening(file, identity, imports, signal);
    checkSecurity(file, identity.kind);
    return {
      path,
      version: file.version,
      kind: identity.kind,
      hardening,
      findings: file.findings().filter(({ code }) => securityCodes.test(code)),
      commands: ['-lW', '-dW', '-nW', '--dyn-syms'].map(option => shellCommand(['readelf', option, path])),
    };
  });
}
