import type { ByteText, ElfIdentity, Hardening, HardeningVerdict } from '../../protocol/elf.ts';
import { runPathFindings, runPathsOf } from '../checks/run-path-checks.ts';
import { textRelocationEvidence } from '../checks/security-checks.ts';
import type { ElfFile } from '../elf-file.ts';
import { isPositionIndependentExecutable, sectionNamed } from '../identity.ts';
import type { ImportedSymbol } from '../imports.ts';
import { type DynamicSection, dynamicFlag, dynamicFlag1, dynamicTag } from '../reader/dynamic-section.ts';
import { lastSegment } from '../reader/elf-image.ts';
import { hex } from '../reader/fields.ts';
import { objectType } from '../reader/file-header.ts';
import { segmentFlag, segmentType } from '../reader/program-headers.ts';
import { sectionFlag } from '../reader/section-headers.ts';
import { branchVerdicts } from './hardening-branches.ts';
import { stackClash } from './hardening-code.ts';
import { fortifyVerdict } from './hardening-fortify.ts';
import { createNameFinder, undefinedNames } from './hardening-names.ts';
import { cfiVerdict, sanitizersVerdict } from './hardening-sanitizers.ts';
import { readStackPermission } from './stack-permission.ts';

/** What the verdicts are made from. */
interface Subject {
  readonly file: ElfFile;
  readonly identity: ElfIdentity;
  readonly dynamic: DynamicSection | null;
  /** Names of the functions and objects that the file asks others for; null: they cannot be known. */
  readonly imports: ReadonlySet<ByteText> | null;
  /** A program that brings all of its code with it, the C library included. */
  readonly isStatic: boolean;
}

/** Throws what the signal is aborted with. */
export async function readHardening(
  file: ElfFile,
  identity: ElfIdentity,
  imported: readonly ImportedSymbol[],
  signal?: AbortSignal,
): Promise<Hardening> {
  const { kind } = identity;
  const isLinked = kind === 'executable' || kind === 'shared-library';
  const isStatic = kind === 'executable' && identity.interpreter === null && identity.needed.length === 0;
  const imports = await importsOf(file, imported, isLinked, signal);
  const subject: Subject = { file, identity, dynamic: file.dynamic(), imports, isStatic };
  const linked = (verdict: (subject: Subject) => HardeningVerdict): HardeningVerdict =>
    isLinked ? verdict(subject) : verdictOf('notApplicable', 'decided when the file is linked');
  const coded = <Verdict extends HardeningVerdict>(verdict: () => Verdict): Verdict | HardeningVerdict =>
    kind === 'debug-file' || kind === 'core' ? verdictOf('notApplicable', 'there is no code in this file') : verdict();
  const names = createNameFinder(file);
  return {
    relro: linked(relro),
    bindNow: linked(bindNow),
    canary: coded(() => canary(subject)),
    nx: kind === 'relocatable' || kind === 'kernel-module' ? objectStack(subject) : linked(nx),
    pie: linked(pie),
    fortify: { checked: [], unchecked: [], ...coded(() => fortifyVerdict(subject)) },
    ...branchVerdicts(file),
    safeRunPath: linked(safeRunPath),
    readOnlyCode: linked(readOnlyCode),
    writeXorExecute: linked(writeXorExecute),
    stackClash: coded(() => stackClash(file)),
    cfi: coded(() => cfiVerdict(identity, names, file.staticSymbols() !== null)),
    sanitizers: coded(() => sanitizersVerdict(identity, names)),
  };
}

async function importsOf(
  file: ElfFile,
  imported: readonly ImportedSymbol[],
  isLinked: boolean,
  signal: AbortSignal | undefined,
): Promise<ReadonlySet<ByteText> | null> {
  if (file.dynamicSymbols() !== null) return new Set(imported.map(({ name }) => name));
  const table = isLinked ? null : file.staticSymbols();
  return table === null ? null : await undefinedNames(file, table, signal);
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
  const segment = lastSegment(file.image, segmentType.gnuRelro);
  if (segment === undefined) return verdictOf('none', 'no PT_GNU_RELRO');
  const there = `PT_GNU_RELRO at ${hex(segment.virtualAddress)}`;
  if (dynamic !== null) {
    const now = bindNowEvidence(dynamic);
    if (now === null && !dynamic.isComplete) return verdictOf('unknown', `${there}; ${incomplete}`);
    return now === null
      ? verdictOf('partial', `${there}, but no BIND_NOW: ${lazyPart(dynamic)}`)
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

/** DT_JMPREL: where the relocations are that can wait until their function is called. */
const pltRelocationsTag = 23;

function lazyPart(dynamic: DynamicSection): string {
  return dynamic.value(pltRelocationsTag) === undefined
    ? 'what is bound lazily would stay writable, though here nothing is (no DT_JMPREL)'
    : 'the part of the GOT that is bound lazily stays writable';
}

function bindNow({ dynamic }: Subject): HardeningVerdict {
  if (dynamic === null) return verdictOf('notApplicable', 'no dynamic section: nothing is bound when it is loaded');
  const evidence = bindNowEvidence(dynamic);
  if (evidence === null && !dynamic.isComplete) return verdictOf('unknown', incomplete);
  return evidence === null
    ? verdictOf('no', 'none of DT_BIND_NOW, BIND_NOW in DT_FLAGS, NOW in DT_FLAGS_1')
    : verdictOf('yes', evidence);
}

const canarySymbols = [
  '__stack_chk_fail',
  '__stack_chk_fail_local',
  '__stack_chk_guard',
  '__stack_smash_handler',
  '__intel_security_cookie',
];

function canary({ file, imports, isStatic }: Subject): HardeningVerdict {
  const imported = canarySymbols.find(name => imports?.has(name));
  if (imported !== undefined) return verdictOf('yes', `the imported symbol ${imported}`);
  if (sectionNamed(file.image, '.gopclntab') !== undefined) {
    return verdictOf('notApplicable', 'section .gopclntab: Go grows and checks its stacks itself');
  }
  if (isStatic) {
    return verdictOf('unknown', 'a static program: the C library inside it has stack protectors of its own');
  }
  if (imports === null) return verdictOf('unknown', 'no symbols that could be looked at');
  // The C library and the loader define them for themselves and all others: whether their own functions use them does not show.
  const names = file.dynamicSymbols()?.strings.whole();
  const defined = canarySymbols.find(name => names?.includes(`\0${name}\0`) === true);
  if (defined !== undefined) return verdictOf('unknown', `it defines ${defined} itself`);
  const evidence = '__stack_chk_fail is not imported: compiled without stack protectors, or no function needed one';
  return verdictOf('no', evidence);
}

function nx({ file }: Subject): HardeningVerdict {
  const { executable, evidence } = readStackPermission(file);
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

function safeRunPath({ file, dynamic }: Subject): HardeningVerdict {
  if (dynamic === null) return verdictOf('notApplicable', 'no dynamic section: nothing is searched for');
  const paths = runPathsOf(file);
  const [first] = runPathFindings(file).filter(({ severity, code }) => severity === 'warning' && code !== unusedRpath);
  if (first !== undefined) return verdictOf('no', first.message);
  if (paths.length > 0) return verdictOf('yes', paths.map(({ tag, text }) => `${tag} ${text}`).join(', '));
  return dynamic.isComplete ? verdictOf('yes', 'neither RPATH nor RUNPATH') : verdictOf('unknown', incomplete);
}

const unusedRpath = 'elf/rpath-and-runpath';

function readOnlyCode({ dynamic }: Subject): HardeningVerdict {
  if (dynamic === null) return verdictOf('yes', 'no dynamic section: the loader changes nothing');
  const evidence = textRelocationEvidence(dynamic);
  if (evidence !== null) return verdictOf('no', `${evidence}: the loader has to change code`);
  return dynamic.isComplete
    ? verdictOf('yes', 'neither DT_TEXTREL nor TEXTREL in DT_FLAGS')
    : verdictOf('unknown', incomplete);
}

function writeXorExecute({ file }: Subject): HardeningVerdict {
  const { loads } = file.image;
  if (loads.length === 0) return verdictOf('unknown', 'no loadable segments that could be looked at');
  const both = segmentFlag.write | segmentFlag.execute;
  const bad = loads.find(({ flags }) => (flags & both) === both);
  return bad === undefined
    ? verdictOf('yes', 'no LOAD segment with both W and E')
    : verdictOf('no', `segment ${bad.index} (LOAD) at ${hex(bad.virtualAddress)} has flags RWE`);
}
