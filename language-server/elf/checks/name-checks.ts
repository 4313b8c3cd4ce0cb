import { statSync } from 'node:fs';
import { osPath } from '../../native/byte-text.ts';
import { shellCommand } from '../../native/shell-quote.ts';
import { displayText } from '../../protocol/display-text.ts';
import type { ByteText, ElfKind } from '../../protocol/elf.ts';
import type { Evidence, Finding } from '../../protocol/finding.ts';
import type { ElfFile } from '../elf-file.ts';
import { dynamicTag } from '../reader/dynamic-section.ts';

/** Adds a finding for each name under which others will look in vain: what the file needs, and what it calls itself. */
export function checkNames(file: ElfFile, kind: ElfKind): void {
  const dynamic = file.dynamic();
  if (dynamic === null) return;
  const offset = dynamic.offset;
  const found = dynamic.names(dynamicTag.needed).flatMap(checkNeeded);
  if (kind === 'shared-library' && dynamic.strings !== null) {
    const soname = dynamic.names(dynamicTag.soname).at(-1);
    const name = soname === undefined ? checkMissingSoname(file) : checkSoname(file.path, soname);
    if (name !== null) found.push(name);
  }
  for (const { rule, ...draft } of found)
    file.image.findings.add({ ...draft, offset, evidence: showing(rule, file.path) });
}

interface Draft extends Pick<Finding, 'code' | 'severity' | 'message' | 'expected' | 'actual'> {
  readonly rule: string;
}

function showing(rule: string, path: ByteText): Evidence {
  return { rule, command: shellCommand(['readelf', '-dW', path]) };
}

function checkNeeded(name: ByteText): Draft[] {
  if (!name.includes('/') || /^\$(?:ORIGIN|\{ORIGIN\})\//u.test(name)) return [];
  const shared = { severity: 'warning', actual: name, rule: 'glibc elf/dl-load.c: _dl_map_object' } as const;
  const cause = 'The library was named to the linker by its path and has no SONAME; give it one (-Wl,-soname).';
  const message = name.startsWith('/')
    ? `A library is needed by its absolute path, ${displayText(name)}: the loader looks nowhere else, not in RUNPATH and not in LD_LIBRARY_PATH. ${cause}`
    : `A library is needed by the relative path ${displayText(name)}: the loader looks only there, starting from the folder that the program happens to be started in. ${cause}`;
  return [{ ...shared, code: name.startsWith('/') ? 'elf/needed-absolute' : 'elf/needed-slash', message }];
}

const libraryName = /^lib[^/]*\.so(?<version>\.[0-9][^/]*)?$/u;

/** Symbols by which a program finds its way into what it loads with dlopen: nobody links such a library. */
const plugInSymbols = [
  'PyInit_',
  'JNI_OnLoad',
  'Java_',
  'napi_register_module',
  'node_register_module',
  'luaopen_',
  'Init_',
  'R_init_',
  '_PG_init',
  'Pg_magic_func',
  'g_module_check_init',
  'g_io_module_load',
  'fill_vtable',
  'pk_backend_initialize',
  '_nss_',
  'pam_sm_',
];

function checkMissingSoname(file: ElfFile): Draft | null {
  const name = baseName(file.path);
  const match = libraryName.exec(name);
  if (match === null || (file.dynamicSymbols()?.count ?? 0) <= 1) return null;
  const names = file.dynamicSymbols()?.strings.whole();
  if (names === null || plugInSymbols.some(symbol => names?.includes(`\0${symbol}`))) return null;
  // musl knows itself by this name (ldso/dynlink.c, load_library).
  if (name === 'libc.so') return null;
  return {
    code: 'elf/soname-missing',
    severity: match.groups?.['version'] === undefined ? 'information' : 'warning',
    message: `The library has no SONAME: what is linked with it asks for the path that was given to the linker, and its versions cannot be told apart. Link it with -Wl,-soname,${displayText(sonameFor(name))} (a plug-in that is only loaded with dlopen needs none).`,
    expected: sonameFor(name),
    rule: 'gABI: Shared Object Dependencies, DT_SONAME',
  };
}

/** By custom the name up to the first number of the version. */
function sonameFor(name: ByteText): ByteText {
  return /^.*?\.so(?:\.\d+)?/u.exec(name)?.[0] ?? name;
}

/** What is linked with the file looks for the SONAME, so there must be a file of that name: itself, or a link to it. */
function checkSoname(path: ByteText, soname: ByteText): Draft | null {
  const name = baseName(path);
  // "libz.so.1.2.13" with SONAME "libz.so.1": ldconfig makes the link. "libz.so": as it was built, to be installed so.
  if (soname === '' || name === soname || name.startsWith(`${soname}.`) || soname.startsWith(`${name}.`)) return null;
  if (isSameFile(path, `${path.slice(0, path.length - name.length)}${soname}`)) return null;
  const isVersioned = libraryName.exec(name)?.groups?.['version'] !== undefined;
  return {
    code: 'elf/soname-file-name',
    severity: isVersioned ? 'warning' : 'information',
    message: `The library calls itself ${displayText(soname)} (SONAME), and no file of that name beside it leads to it: what is linked with it will not find it. Rename it, or make a link: ln -s ${displayText(name)} ${displayText(soname)}.`,
    expected: soname,
    actual: name,
    rule: 'gABI: Shared Object Dependencies, DT_SONAME',
  };
}

function isSameFile(left: ByteText, right: ByteText): boolean {
  try {
    const [a, b] = [left, right].map(path => statSync(osPath(path), { bigint: true, throwIfNoEntry: false }));
    return a !== undefined && b !== undefined && a.dev === b.dev && a.ino === b.ino;
  } catch {
    return false;
  }
}

function baseName(path: ByteText): ByteText {
  return path.slice(path.lastIndexOf('/') + 1);
}
