import { decodeBytes } from '../native/byte-text.ts';
import { displayText } from '../protocol/display-text.ts';
import type { ByteText, ElfIdentity, ElfKind, Origins } from '../protocol/elf.ts';
import { hasDebugInformation } from './debug-file/has-debug-information.ts';
import type { ElfFile } from './elf-file.ts';
import { compilersIn } from './languages/compilers.ts';
import { goCompiler } from './languages/go-build-info.ts';
import { machineName, machineShortName } from './names/machines.ts';
import { objectTypeName } from './names/object-types.ts';
import { osAbiName } from './names/os-abis.ts';
import { dynamicFlag1, dynamicTag } from './reader/dynamic-section.ts';
import { type ElfImage, findSection, sectionRange } from './reader/elf-image.ts';
import { hex } from './reader/fields.ts';
import { objectType } from './reader/file-header.ts';
import { buildIdOf } from './reader/note-description.ts';
import { segmentType } from './reader/program-headers.ts';
import { type Section, sectionFlag, sectionType } from './reader/section-headers.ts';

/** @param debugFile Where its debug information was looked for; undefined: it was not, so that only a link is told. */
export function readIdentity(file: ElfFile, debugFile?: Origins['debugFile']): ElfIdentity {
  const { image } = file;
  const { header, fields } = image;
  const dynamic = file.dynamic();
  const kind = kindOf(file);
  return {
    kind,
    class: fields.class,
    byteOrder: fields.byteOrder,
    machine: machineName(header.machine),
    type: objectTypeName(header.type),
    osAbi: osAbiName(header.osAbi, header.machine),
    entry: hex(header.entry),
    soname: dynamic?.names(dynamicTag.soname).at(-1) ?? null,
    interpreter: interpreterOf(image),
    needed: dynamic?.names(dynamicTag.needed) ?? [],
    rpath: dynamic?.names(dynamicTag.rpath).at(-1) ?? null,
    runpath: dynamic?.names(dynamicTag.runpath).at(-1) ?? null,
    buildId: buildIdOf(image, file.notes()),
    summary: summaryOf(file, kind, debugFile),
  };
}

/** Whether the file's symbols and debug information were taken out. */
export function isStripped(file: ElfFile): boolean {
  return findSection(file.image, ({ type }) => type === sectionType.symbolTable) === undefined;
}

/** Sections by name, for the few that have no type of their own. */
export function sectionNamed(image: ElfImage, name: ByteText): Section | undefined {
  return image.sectionNamed(name);
}

/** `.gnu_debuglink`: the name of the file that has the debug information; null where there is none. */
export function debugLinkOf(image: ElfImage): ByteText | null {
  const section = sectionNamed(image, '.gnu_debuglink');
  return section === undefined ? null : firstString(image, section);
}

export function firstString(image: ElfImage, section: Section): ByteText {
  const { offset, sizeBytes } = sectionRange(image, section);
  return decodeBytes(image.source.string(offset, Math.min(sizeBytes, maximumStringBytes)));
}

const maximumStringBytes = 4096;

function kindOf(file: ElfFile): ElfKind {
  const { image } = file;
  switch (image.header.type) {
    case objectType.relocatable:
      return sectionNamed(image, '.modinfo') !== undefined &&
        sectionNamed(image, '.gnu.linkonce.this_module') !== undefined
        ? 'kernel-module'
        : 'relocatable';
    case objectType.core:
      return 'core';
    case objectType.executable:
      return isDebugFile(image) ? 'debug-file' : 'executable';
    case objectType.shared:
      if (isDebugFile(image)) return 'debug-file';
      return isPositionIndependentExecutable(file) ? 'executable' : 'shared-library';
    default:
      return 'other';
  }
}

/** Its code is gone (NOBITS) although its headers still describe it: `objcopy --only-keep-debug`, `eu-strip -f`. */
export function isDebugFile(image: ElfImage): boolean {
  const hollow = findSection(
    image,
    section =>
      section.type === sectionType.nobits &&
      (section.flags & sectionFlag.alloc) !== 0n &&
      (section.flags & sectionFlag.execute) !== 0n,
  );
  if (hollow === undefined) return false;
  const code = findSection(
    image,
    section =>
      section.type === sectionType.progbits &&
      (section.flags & sectionFlag.execute) !== 0n &&
      (section.flags & sectionFlag.alloc) !== 0n,
  );
  return code === undefined;
}

/**
 * A position independent executable and a shared library are both ET_DYN. The flag tells them apart; linkers before 2.26 (and
 * those of static PIEs) did not set it, but a library rarely has an interpreter (libc.so.6 does, and has a SONAME).
 */
export function isPositionIndependentExecutable(file: ElfFile): boolean {
  const { image } = file;
  if (image.header.type !== objectType.shared) return false;
  const dynamic = file.dynamic();
  const flags1 = dynamic?.value(dynamicTag.flags1) ?? 0n;
  if ((flags1 & dynamicFlag1.pie) !== 0n) return true;
  if (dynamic?.value(dynamicTag.soname) !== undefined) return false;
  // A linker from before DF_1_PIE. A library that can be run as well has an interpreter, but no place for the debugger's map.
  return interpreterOf(image) !== null && dynamic?.value(dynamicTag.debug) !== undefined;
}

/** Contents of the last PT_INTERP; Linux takes at most PATH_MAX bytes of it (fs/binfmt_elf.c). */
export function interpreterOf(image: ElfImage): ByteText | null {
  let interpreter: ByteText | null = null;
  for (const segment of image.segments) {
    if (segment.type !== segmentType.interpreter) continue;
    const { offset, fileBytes } = segment;
    if (fileBytes === 0n) continue;
    const bytes = image.source.string(Number(offset), Math.min(Number(fileBytes), maximumStringBytes));
    if (bytes.length > 0) interpreter = decodeBytes(bytes);
  }
  return interpreter;
}

const kindNames: Readonly<Record<ElfKind, string>> = {
  'shared-library': 'shared library',
  executable: 'executable',
  relocatable: 'relocatable object file',
  core: 'core dump',
  'kernel-module': 'kernel module',
  'debug-file': 'separate debug information',
  archive: 'archive',
  other: 'ELF file',
};

/** "shared library, x86-64, 64-bit little-endian, built by GCC 12.2.0, stripped, debug symbols in libfoo.so.debug". */
function summaryOf(file: ElfFile, kind: ElfKind, debugFile: Origins['debugFile'] | undefined): string {
  const { image } = file;
  const { fields, header } = image;
  const linkage = kind === 'executable' ? executableLinkage(file) : '';
  const parts = [
    linkage + kindNames[kind] + processText(file),
    machineShortName(header.machine),
    `${fields.class}-bit ${fields.byteOrder}-endian`,
  ];
  const compilers = compilerNames(image);
  if (compilers.length > 0) parts.push(`built by ${compilers.join(' and ')}`);
  if (kind === 'shared-library' || kind === 'executable') {
    const hasDebug = hasDebugInformation(image);
    parts.push(isStripped(file) ? 'stripped' : hasDebug ? 'with debug information' : 'not stripped');
    if (!hasDebug) parts.push(...debugFileText(file, debugFile));
  }
  return parts.join(', ');
}

/** Of a core file: " of crashing, ended by SIGSEGV". */
function processText(file: ElfFile): string {
  const core = file.core();
  if (core === null) return '';
  const { process, signal } = core;
  return `${process === null ? '' : ` of ${displayText(process.program)}`}${signal === null ? '' : `, ended by ${signal.name}`}`;
}

function executableLinkage(file: ElfFile): string {
  const pie = isPositionIndependentExecutable(file) ? 'position-independent ' : '';
  const isStatic = interpreterOf(file.image) === null;
  return (isStatic ? 'static ' : '') + pie;
}

const maximumCommentBytes = 16 << 10;

/** The distinct strings of `.comment`: each compiler and linker that took part leaves its name. */
export function compilersOf(image: ElfImage): readonly ByteText[] {
  const section = sectionNamed(image, '.comment');
  if (section === undefined) return [];
  const { offset, sizeBytes } = sectionRange(image, section);
  const bytes = image.source.read(offset, Math.min(sizeBytes, maximumCommentBytes));
  return [...new Set(decodeBytes(bytes).split('\0'))].filter(text => text !== '');
}

const maximumCompilers = 2;

/** "Rust 1.87.0", "GCC 12.2.0". GCC's own start files are in nearly every program, so that it comes last. */
function compilerNames(image: ElfImage): readonly string[] {
  const go = goCompiler(image);
  const told = [...(go === null ? [] : [go]), ...compilersIn(compilersOf(image))];
  const compilers = told.filter(({ role }) => role === 'compiler');
  const sorted = [...compilers].sort((left, right) => Number(left.name === 'GCC') - Number(right.name === 'GCC'));
  const names = sorted.map(({ name, version }) => (version === '' ? name : `${name} ${version}`));
  return [...new Set(names)].slice(0, maximumCompilers);
}

function debugFileText(file: ElfFile, debugFile: Origins['debugFile'] | undefined): readonly string[] {
  if (debugFile === undefined) {
    const link = debugLinkOf(file.image);
    return link === null || link === '' ? [] : [`debug symbols in ${displayText(link)}`];
  }
  if (debugFile === null) return [];
  return [`debug symbols in ${displayText(debugFile.path)}${debugFile.isHere ? '' : ' (not on this machine)'}`];
}
