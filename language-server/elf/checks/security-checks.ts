import { shellCommand } from '../../native/shell-quote.ts';
import type { ElfKind } from '../../protocol/elf.ts';
import type { Evidence } from '../../protocol/finding.ts';
import type { ElfFile } from '../elf-file.ts';
import { readStackPermission } from '../hardening/stack-permission.ts';
import { type DynamicSection, dynamicFlag, dynamicTag } from '../reader/dynamic-section.ts';
import { segmentFlag, segmentType } from '../reader/program-headers.ts';
import { checkNames } from './name-checks.ts';
import { checkRunPaths } from './run-path-checks.ts';

/** Adds a finding for each property of a program or library that weakens the process that it becomes part of, or misleads it. */
export function checkSecurity(file: ElfFile, kind: ElfKind): void {
  if (kind !== 'executable' && kind !== 'shared-library') return;
  checkStack(file, kind);
  checkSegments(file);
  checkTextRelocations(file);
  checkRunPaths(file);
  checkNames(file, kind);
}

function checkStack(file: ElfFile, kind: ElfKind): void {
  const { image, path } = file;
  if (image.loads.length === 0) return;
  const { executable, segment, evidence } = readStackPermission(file);
  if (executable !== true) return;
  // Without code there is no process: test files, linker leftovers.
  if (segment === null && !image.loads.some(({ flags }) => (flags & segmentFlag.execute) !== 0)) return;
  const whose = kind === 'executable' ? 'of this program' : 'of every process that loads this library';
  image.findings.add({
    code: 'elf/executable-stack',
    severity: 'warning',
    message: `The stack ${whose} becomes executable: ${evidence}. Usually an assembler file without a .note.GNU-stack section is the cause; link with -z noexecstack.`,
    ...(segment === null ? {} : { offset: segment.headerOffset }),
    expected: 'PT_GNU_STACK with flags RW',
    actual: segment === null ? 'no PT_GNU_STACK' : 'PT_GNU_STACK with flags RWE',
    evidence: showing('glibc elf/dl-load.c: PT_GNU_STACK', 'readelf', '-lW', path),
  });
}

function checkSegments({ image, path }: ElfFile): void {
  for (const { type, flags, index, headerOffset } of image.segments) {
    if (type !== segmentType.load || (flags & segmentFlag.write) === 0 || (flags & segmentFlag.execute) === 0) continue;
    image.findings.add({
      code: 'elf/writable-executable-segment',
      severity: 'warning',
      message: `Segment ${index} (LOAD) is both writable and executable: what can be written there can be run.`,
      offset: headerOffset,
      expected: 'R E or RW',
      actual: 'RWE',
      evidence: showing('gABI: Program Header, p_flags', 'readelf', '-lW', path),
    });
  }
}

function checkTextRelocations(file: ElfFile): void {
  const dynamic = file.dynamic();
  if (dynamic === null) return;
  const actual = textRelocationEvidence(dynamic);
  if (actual === null) return;
  file.image.findings.add({
    code: 'elf/text-relocations',
    severity: 'warning',
    message:
      'Code has to be changed when it is loaded (text relocations): it cannot be shared between processes, and must be writable for a while. Compile it with -fPIC.',
    offset: dynamic.offset,
    actual,
    evidence: showing('gABI: Dynamic Section, DT_TEXTREL', 'readelf', '-dW', file.path),
  });
}

/** What says that the loader has to change code; null: nothing does. */
export function textRelocationEvidence(dynamic: DynamicSection): string | null {
  if (dynamic.value(dynamicTag.textRelocations) !== undefined) return 'DT_TEXTREL';
  const flagged = ((dynamic.value(dynamicTag.flags) ?? 0n) & dynamicFlag.textRelocations) !== 0n;
  return flagged ? 'DF_TEXTREL in DT_FLAGS' : null;
}

function showing(rule: string, ...command: readonly string[]): Evidence {
  return { rule, command: shellCommand(command) };
}
