import type { HardeningVerdict, Inspection } from '../../protocol/elf.ts';
import type { ArchiveFile } from './archive-file.ts';
import { archiveIdentity } from './archive-overview.ts';

const verdict: HardeningVerdict = {
  verdict: 'notApplicable',
  evidence: 'an archive: decided for what is linked from its members',
};

/** An archive as the command line reports it. */
export function inspectArchive(file: ArchiveFile): Inspection {
  return {
    path: file.path,
    ...archiveIdentity(file),
    languages: [],
    compilers: [],
    extension: null,
    debugFile: null,
    hardening: {
      relro: verdict,
      bindNow: verdict,
      canary: verdict,
      nx: verdict,
      pie: verdict,
      fortify: { ...verdict, checked: [], unchecked: [] },
      ibt: verdict,
      shadowStack: verdict,
      bti: verdict,
      pac: verdict,
      safeRunPath: verdict,
      readOnlyCode: verdict,
      writeXorExecute: verdict,
      stackClash: verdict,
      cfi: verdict,
      sanitizers: verdict,
    },
    versionNeeds: [],
    floors: {},
    platforms: [],
    findings: file.findings(),
  };
}
