import type { ByteText, VersionFloor, VersionNeedSymbols } from '../../protocol/elf.ts';
import type { ImportedSymbol } from '../imports.ts';
import { type SymbolVersions, versionFlag } from '../reader/symbol-versions.ts';

/** Each needed version with the imported symbols that carry it, in the order of the file. */
export function versionNeedsOf(
  { needs }: SymbolVersions,
  imports: readonly ImportedSymbol[],
): readonly (VersionNeedSymbols & { readonly weak: boolean })[] {
  const symbols = new Map<number, ByteText[]>();
  for (const { name, version } of imports) {
    const others = symbols.get(version);
    if (others === undefined) symbols.set(version, [name]);
    else others.push(name);
  }
  return needs.flatMap(({ file, versions }) =>
    versions.map(({ name, index, flags }) => ({
      provider: file,
      version: name,
      symbols: symbols.get(index) ?? [],
      weak: (flags & versionFlag.weak) !== 0,
    })),
  );
}

/** Versions of glibc that stand for an ability of its loader and say nothing by their name. */
const abilities: ReadonlyMap<string, readonly [family: string, version: string]> = new Map([
  ['GLIBC_ABI_DT_RELR', ['GLIBC', '2.36'] as const],
  ['GLIBC_ABI_DT_X86_64_PLT', ['GLIBC', '2.42'] as const],
  ['GLIBC_ABI_GNU2_TLS', ['GLIBC', '2.42'] as const],
]);

/** The newest needed version of each family, compared as numbers. The loader does without a weak one. */
export function versionFloorsOf(
  needs: readonly (VersionNeedSymbols & { readonly weak: boolean })[],
): Readonly<Record<string, VersionFloor>> {
  const floors = new Map<string, { version: string; symbols: ByteText[] }>();
  for (const { version, symbols, weak } of needs) {
    const parsed = weak ? null : parseVersion(version);
    if (parsed === null) continue;
    const [family, number] = parsed;
    const known = floors.get(family);
    const order = known === undefined ? 1 : compareVersions(number, known.version);
    if (order > 0) floors.set(family, { version: number, symbols: [...symbols] });
    else if (order === 0) known?.symbols.push(...symbols.filter(symbol => !known.symbols.includes(symbol)));
  }
  return Object.fromEntries(floors);
}

/** "GLIBC_2.2.5" → GLIBC, 2.2.5; null where the version is no number ("GLIBC_PRIVATE"). */
function parseVersion(version: ByteText): readonly [family: string, number: string] | null {
  const ability = abilities.get(version);
  if (ability !== undefined) return ability;
  const match = /^(.+?)_(\d+(?:\.\d+)*)$/u.exec(version);
  return match === null ? null : [match[1] ?? '', match[2] ?? ''];
}

/** Part by part as numbers: 2.9 is before 2.17. */
export function compareVersions(left: string, right: string): number {
  const [lefts, rights] = [left, right].map(text => text.split('.').map(Number)) as [number[], number[]];
  for (let at = 0; at < Math.max(lefts.length, rights.length); at += 1) {
    const difference = (lefts[at] ?? 0) - (rights[at] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}
