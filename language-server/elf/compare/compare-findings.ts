import { shellCommand } from '../../native/shell-quote.ts';
import type { ComparedSymbol, FloorChange, HardeningChange } from '../../protocol/compare.ts';
import { displayText } from '../../protocol/display-text.ts';
import type { ByteText, ElfIdentity } from '../../protocol/elf.ts';
import type { Finding } from '../../protocol/finding.ts';
import { createFindingList, type FindingList } from '../reader/finding-list.ts';
import { compareVersions } from '../versions/version-floors.ts';
import { isData, type SymbolDifference } from './symbol-changes.ts';

/** What the findings are made from. */
export interface ComparedFacts {
  readonly before: { readonly path: ByteText; readonly identity: ElfIdentity };
  readonly after: { readonly path: ByteText; readonly identity: ElfIdentity };
  readonly exports: SymbolDifference;
  /** What the newer file exports, by name and version, and the names alone. */
  readonly exportsAfter: ReadonlyMap<ByteText, ComparedSymbol>;
  readonly removedVersions: readonly ByteText[];
  readonly hardening: readonly HardeningChange[];
  readonly floors: readonly FloorChange[];
}

/** What may break those who use the newer file in place of the older one. */
export function compareFindings(facts: ComparedFacts): readonly Finding[] {
  const findings = createFindingList();
  const { before, after } = facts;
  if (before.identity.machine !== after.identity.machine || before.identity.class !== after.identity.class) {
    findings.add({
      code: 'compare/other-machine',
      severity: 'warning',
      message: 'The files are made for different machines: they are no two builds of the same.',
      expected: `${before.identity.machine}, ${before.identity.class}-bit`,
      actual: `${after.identity.machine}, ${after.identity.class}-bit`,
    });
  }
  checkHardening(findings, facts);
  checkFloors(findings, facts);
  // Under another SONAME, what was linked with the old file goes on to load the old one.
  const isReplacement = before.identity.kind === 'shared-library' && before.identity.soname === after.identity.soname;
  if (isReplacement) {
    checkRemoved(findings, facts);
    checkChanged(findings, facts);
  }
  return findings.list();
}

function checkHardening(findings: FindingList, { hardening, after }: ComparedFacts): void {
  for (const { protection, before, after: young, change } of hardening) {
    if (change !== 'lost') continue;
    findings.add({
      code: 'compare/lost-hardening',
      severity: 'warning',
      message: `The newer file has lost a protection, ${protection}: ${young.evidence}.`,
      expected: before.verdict,
      actual: young.verdict,
      evidence: { command: shellCommand(['readelf', '-ldW', '--dyn-syms', after.path]) },
    });
  }
}

function checkFloors(findings: FindingList, { floors, after }: ComparedFacts): void {
  for (const { family, before, after: young } of floors) {
    if (young === null || (before !== null && compareVersions(young, before) <= 0)) continue;
    findings.add({
      code: 'compare/newer-version-needed',
      severity: 'information',
      message: `The newer file needs ${family} ${young}${before === null ? '' : ` instead of ${before}`}: it no longer runs on systems that have an older one.`,
      ...(before !== null && { expected: before }),
      actual: young,
      evidence: { command: shellCommand(['readelf', '-VW', after.path]) },
    });
  }
}

/** Made by the linker or the start files, for the file itself. */
const ownSymbols: ReadonlySet<string> = new Set([
  '_init',
  '_fini',
  '_edata',
  '_end',
  '__bss_start',
  '_fbss',
  '_ftext',
  '_fdata',
  '_etext',
  '__data_start',
  'data_start',
]);

function checkRemoved(findings: FindingList, facts: ComparedFacts): void {
  const { before, after, exports, exportsAfter, removedVersions } = facts;
  const rule = 'gABI: Dynamic Linking, Symbol Resolution';
  const evidence = { rule, command: shellCommand(['nm', '-D', '--defined-only', after.path]) };
  const soname = before.identity.soname;
  const under = soname === null ? 'though neither file has a SONAME' : `under the same SONAME ${displayText(soname)}`;
  const names = new Set([...exportsAfter.values()].map(({ name }) => name));
  const isDynamic = new Set(removedVersions);
  let weak = 0;
  for (const symbol of exports.removed) {
    if (ownSymbols.has(symbol.name) || isStillThere(symbol, exportsAfter, names, isDynamic)) continue;
    if (isVagueLinkage(symbol)) {
      weak += 1;
      continue;
    }
    findings.add({
      code: 'compare/removed-export',
      severity: 'warning',
      message: `${displayText(symbol.name + symbol.version)} (${symbol.type}) is no longer exported, ${under}: what uses it fails, at the start or when it is called.`,
      evidence,
    });
  }
  if (weak > 0) {
    findings.add({
      code: 'compare/removed-weak-exports',
      severity: 'information',
      message: `${weak} weak symbols of C++ (inline functions, templates) are no longer exported; those who use them mostly have their own.`,
      evidence,
    });
  }
  for (const version of removedVersions) {
    findings.add({
      code: 'compare/removed-version',
      severity: 'warning',
      message: `The version ${displayText(version)} is no longer defined, ${under}: programs that need it do not start.`,
      evidence: { rule: 'glibc elf/dl-version.c: match_symbol', command: shellCommand(['readelf', '-VW', after.path]) },
    });
  }
}

/**
 * Whether a reference to the old symbol finds the new file's. One without a version takes the default version; the loader
 * takes `@@V` and `@V` alike; of a file that defines no versions at all, any version (glibc elf/dl-lookup.c, do_lookup_x).
 */
function isStillThere(
  { name, version }: ComparedSymbol,
  after: ReadonlyMap<ByteText, ComparedSymbol>,
  names: ReadonlySet<ByteText>,
  removedVersions: ReadonlySet<ByteText>,
): boolean {
  if (version === '') return names.has(name);
  const bare = version.replace(/^@+/u, '');
  if (after.has(`${name}@@${bare}`) || after.has(`${name}@${bare}`)) return true;
  // The version is reported once; each of its symbols that lives on without it need not be.
  return removedVersions.has(bare) && names.has(name);
}

/** Inline functions and templates: each file that uses them has a copy. */
function isVagueLinkage({ name, binding }: ComparedSymbol): boolean {
  return (binding === 'WEAK' || binding === 'UNIQUE') && name.startsWith('_Z');
}

function checkChanged(findings: FindingList, { after, exports }: ComparedFacts): void {
  const evidence = { command: shellCommand(['readelf', '--dyn-syms', '-W', after.path]) };
  for (const { before: old, after: young } of exports.changed) {
    if (ownSymbols.has(old.name)) continue;
    const name = displayText(young.name + young.version);
    if (old.type !== young.type && kindOfType(old.type) !== kindOfType(young.type)) {
      findings.add({
        code: 'compare/export-type',
        severity: 'warning',
        message: `${name} is of another type now: what was linked with it uses it wrongly.`,
        expected: old.type,
        actual: young.type,
        evidence,
      });
    } else if (isData(old) && isData(young) && old.sizeBytes !== young.sizeBytes && !isVagueLinkage(young)) {
      findings.add({
        code: 'compare/object-size',
        severity: 'warning',
        message: `${name} is data of another size now: programs hold a copy of the old size (a copy relocation), or were compiled with the old layout.`,
        expected: `${old.sizeBytes} bytes`,
        actual: `${young.sizeBytes} bytes`,
        evidence: { rule: 'psABI: R_*_COPY', ...evidence },
      });
    }
  }
}

function kindOfType(type: string): string {
  if (type === 'IFUNC' || type === 'GNU_IFUNC') return 'FUNC';
  return type === 'COMMON' ? 'OBJECT' : type;
}
