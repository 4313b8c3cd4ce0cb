import type { ElfIdentity, Hardening, HardeningVerdict } from '../protocol/elf.ts';
import { type DynamicSection, dynamicFlag, dynamicFlag1, dynamicTag } from './dynamic-section.ts';
import type { ElfFile } from './elf-file.ts';
import { hex } from './fields.ts';
import { objectType } from './file-header.ts';
import { isPositionIndependentExecutable, sectionNamed } from './identity.ts';
import type { ImportedSymbol } from './imports.ts';
import { type Segment, segmentType } from './program-headers.ts';
import { sectionFlag } from './section-headers.ts';
import { readStackPermission } from './stack-permission.ts';

/** What the verdicts are made from. */
interface Subject {
  readonly file: ElfFile;
  readonly identity: ElfIdentity;
  readonly dynamic: DynamicSection | null;
  /** Names of the undefined dynamic symbols. */
  readonly imports: ReadonlySet<string>;
  /** A program that brings all of its code with it, the C library included. */
  readonly isStatic: boolean;
}

export function readHardening(file: ElfFile, identity: ElfIdentity, imports: readonly ImportedSymbol[]): Hardening {
  const dynamic = file.dynamic();
  const isLinked = identity.kind === 'executable' || identity.kind === 'shared-library';
  const isStatic = identity.kind === 'executable' && identity.interpreter === null && identity.needed.length === 0;
  const subject: Subject = { file, identity, dynamic, imports: new Set(imports.map(({ name }) => name)), isStatic };
  const linked = (verdict: (subject: Subject) => HardeningVerdict): HardeningVerdict =>
    isLinked ? verdict(subject) : verdictOf('notApplicable', 'decided when the file is linked');
  return {
    relro: linked(relro),
    bindNow: linked(bindNow),
    canary: canary(subject),
    nx: identity.kind === 'relocatable' ? objectStack(subject) : linked(nx),
    pie: linked(pie),
    fortify: fortify(subject),
  };
}

function verdictOf(verdict: HardeningVerdict['verdict'], evidence: string): HardeningVerdict {
  return { verdict, evidence };
}

/** The evidence for binding at start; null: functions are bound when they are first called. */
function bindNowEvidence(dynamic: DynamicSection): string | null {
  if (dynamic.value(dynamicTag.bindNow) !== undefined) return 'DT_BIND_NOW';
  if (((dynamic.value(dynamicTag.flags) ?? 0n) & dynamicFlag.bindNow) !== 0n) return 'DT_FLAGS with BIND_NOW';
  if (((dynamic.value(dynamicTag.flags1) ?? 0n) & dynamicFlag1.now) !== 0n) return 'DT_FLAGS_1 with NOW';
  return null;
}

const incomplete = 'the dynamic section is cut off';

function relro({ file, dynamic }: Subject): HardeningVerdict {
  let segment: Segment | undefined;
  for (const candidate of file.image.segments) if (candidate.type === segmentType.gnuRelro) segment = candidate;
  if (segment === undefined) return verdictOf('none', 'no PT_GNU_RELRO');
  const there = `PT_GNU_RELRO at ${hex(segment.virtualAddress)}`;
  if (dynamic !== null) {
    const now = bindNowEvidence(dynamic);
    if (now === null && !dynamic.isComplete) return verdictOf('unknown', `${there}; ${incomplete}`);
    return now === null
      ? verdictOf('partial', `${there}, but no BIND_NOW: the part of the GOT that is bound lazily stays writable`)
      : verdictOf('full', `${there}, ${now}`);
  }
  // Nothing is bound lazily in a static program; its GOT for IFUNCs may still lie outside.
  if (file.image.sections.count === 0)
    return verdictOf('unknown', `${there}; no sections that would show where the GOT is`);
  const got = sectionNamed(file.image, '.got.plt');
  const covered =
    got === undefined ||
    (got.address >= segment.virtualAddress &&
      got.address + got.sizeBytes <= segment.virtualAddress + segment.memoryBytes);
  return covered
    ? verdictOf('full', `${there} covers the GOT`)
    : verdictOf('partial', `${there} does not cover .got.plt`);
}

function bindNow({ dynamic }: Subject): HardeningVerdict {
  if (dynamic === null) return verdictOf('notApplicable', 'no dynamic section: nothing is bound when it is loaded');
  const evidence = bindNowEvidence(dynamic);
  if (evidence === null && !dynamic.isComplete) return verdictOf('unknown', incomplete);
  return evidence === null
    ? verdictOf('no', 'none of DT_BIND_NOW, BIND_NOW in DT_FLAGS, NOW in DT_FLAGS_1')
    : verdictOf('yes', evidence);
}

const canarySymbols = ['__stack_chk_fail', '__stack_chk_fail_local', '__stack_chk_guard', '__stack_smash_handler'];

function canary({ file, identity, imports, isStatic }: Subject): HardeningVerdict {
  const imported = canarySymbols.find(name => imports.has(name));
  if (imported !== undefined) return verdictOf('yes', `the imported symbol ${imported}`);
  if (isStatic) {
    return verdictOf('unknown', 'a static program: the C library inside it has stack protectors of its own');
  }
  if (identity.kind === 'relocatable' || identity.kind === 'kernel-module') {
    return verdictOf('unknown', 'not decided for files that are not linked yet');
  }
  if (file.dynamicSymbols() === null) return verdictOf('unknown', 'no dynamic symbols that could be looked at');
  // The C library defines it for itself and all others: whether its own functions use it does not show.
  if (file.dynamicSymbols()?.strings.whole()?.includes('\0__stack_chk_fail\0') === true) {
    return verdictOf('unknown', 'it defines __stack_chk_fail itself');
  }
  const evidence = '__stack_chk_fail is not imported: compiled without stack protectors, or no function needed one';
  return verdictOf('no', evidence);
}

function nx({ file }: Subject): HardeningVerdict {
  const { executable, evidence } = readStackPermission(file.image);
  return verdictOf(executable === null ? 'unknown' : executable ? 'no' : 'yes', evidence);
}

/** An object file tells the linker by a section; where one is silent, what becomes of it depends on linker and machine. */
function objectStack({ file }: Subject): HardeningVerdict {
  const section = sectionNamed(file.image, '.note.GNU-stack');
  if (section === undefined) return verdictOf('unknown', 'no section .note.GNU-stack: the linker decides');
  return (section.flags & sectionFlag.execute) === 0n
    ? verdictOf('yes', 'section .note.GNU-stack without X')
    : verdictOf('no', 'section .note.GNU-stack with X');
}

function pie({ file, identity, dynamic }: Subject): HardeningVerdict {
  if (identity.kind === 'shared-library') {
    return verdictOf(
      'notApplicable',
      'ET_DYN without the marks of a program: a shared library, loaded anywhere by nature',
    );
  }
  if (file.image.header.type === objectType.executable) return verdictOf('no', 'ET_EXEC: loaded at a fixed address');
  const flagged = ((dynamic?.value(dynamicTag.flags1) ?? 0n) & dynamicFlag1.pie) !== 0n;
  if (flagged) return verdictOf('yes', 'ET_DYN, DT_FLAGS_1 with PIE');
  return isPositionIndependentExecutable(file)
    ? verdictOf('yes', 'ET_DYN with an interpreter and no SONAME')
    : verdictOf('unknown', 'not decided');
}

/** Functions that have a checked twin in glibc (`__NAME_chk`) and are called by it where _FORTIFY_SOURCE sees the size. */
const fortifiable = [
  'memcpy',
  'memmove',
  'memset',
  'mempcpy',
  'strcpy',
  'strncpy',
  'stpcpy',
  'stpncpy',
  'strcat',
  'strncat',
  'sprintf',
  'snprintf',
  'vsprintf',
  'vsnprintf',
  'printf',
  'fprintf',
  'vprintf',
  'vfprintf',
  'dprintf',
  'vdprintf',
  'asprintf',
  'vasprintf',
  'gets',
  'fgets',
  'fgets_unlocked',
  'fread',
  'fread_unlocked',
  'read',
  'pread',
  'pread64',
  'recv',
  'recvfrom',
  'readlink',
  'readlinkat',
  'getcwd',
  'getwd',
  'realpath',
  'confstr',
  'getgroups',
  'gethostname',
  'getdomainname',
  'ttyname_r',
  'getlogin_r',
  'ptsname_r',
  'wcscpy',
  'wcsncpy',
  'wcscat',
  'wmemcpy',
  'wmemset',
  'swprintf',
  'longjmp',
  'siglongjmp',
  'syslog',
  'vsyslog',
  'poll',
  'ppoll',
];

function fortify({ file, identity, imports, isStatic }: Subject): HardeningVerdict {
  const checked = [...imports].filter(name => /^__\w+_chk$/u.test(name)).sort();
  if (checked.length > 0) return verdictOf('yes', `imports ${listed(checked)}`);
  if (isStatic) return verdictOf('unknown', 'a static program does not import what it calls');
  if (isMusl(identity)) return verdictOf('unknown', 'musl has no checked functions; its headers do the checks inline');
  if (file.dynamicSymbols() === null) return verdictOf('unknown', 'no dynamic symbols that could be looked at');
  const plain = fortifiable.filter(name => imports.has(name));
  return plain.length > 0
    ? verdictOf('no', `imports ${listed(plain)}, but no checked function (__…_chk)`)
    : verdictOf('unknown', 'imports no function that could be checked');
}

function isMusl({ interpreter, needed }: ElfIdentity): boolean {
  return [interpreter ?? '', ...needed].some(name => /(?:^|\/)(?:ld-musl-|libc\.musl-)/u.test(name));
}

function listed(names: readonly string[]): string {
  const shown = names.slice(0, 5).join(', ');
  return names.length > 5 ? `${shown} and ${names.length - 5} more` : shown;
}
