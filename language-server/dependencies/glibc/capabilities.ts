import type { LoaderTarget } from '../objects/loader-object.ts';
import type { MachineFacts } from '../objects/machines.ts';
import { type Cpu, hwcapsOfCpu, hwcapsOfLevel, legacyCapabilities, platformOf } from './cpu.ts';

/** Where glibc looks below every folder that it searches, and what it takes from its cache. */
export interface Capabilities {
  /** Folders below each searched one, in the order they are tried, each with a slash at its end; the last is ''. */
  readonly subfolders: readonly string[];
  /** Names under `glibc-hwcaps/`, best first. */
  readonly hwcaps: readonly string[];
  /** Bit n: x86-64-v(n+1) can run; 0 where the machine has no such levels. */
  readonly isaLevels: number;
  /** What the legacy folders were made of, up to glibc 2.36; null for later ones. */
  readonly legacy: { readonly names: readonly string[]; readonly platform: string | null } | null;
}

/** glibc 2.37 dropped the legacy folders, 2.33 brought `glibc-hwcaps`. */
const firstWithoutLegacyFolders = 37;
const firstWithHwcaps = 33;

/** @param minorVersion of glibc 2.x; null where it is not known, which is taken for a recent one. */
export function capabilitiesOf(
  facts: MachineFacts,
  target: LoaderTarget,
  cpu: Cpu,
  minorVersion: number | null,
  level: string | undefined,
): Capabilities {
  const active = level === undefined ? hwcapsOfCpu(facts, target, cpu) : hwcapsOfLevel(facts, level);
  const hwcaps = minorVersion === null || minorVersion >= firstWithHwcaps ? active : [];
  const legacy =
    minorVersion !== null && minorVersion < firstWithoutLegacyFolders
      ? { names: legacyCapabilities(target, cpu), platform: platformOf(facts, target, cpu) }
      : null;
  const modern = hwcaps.map(name => `glibc-hwcaps/${name}/`);
  return {
    subfolders: [...modern, ...(legacy === null ? [''] : legacySubfolders(legacy.names, legacy.platform))],
    hwcaps,
    isaLevels: facts.hwcaps.includes('x86-64-v2') ? (2 << active.length) - 1 : 0,
    legacy,
  };
}

/**
 * Every combination of capabilities, platform and "tls" as nested folders, all of them first, none ('') last: glibc up to
 * 2.36, `_dl_important_hwcaps`. Duplicates are glibc's: it tries `tls/x86_64` once for the capability and once for the
 * platform.
 */
function legacySubfolders(capabilities: readonly string[], platform: string | null): readonly string[] {
  const names = [...capabilities, ...(platform === null ? [] : [platform]), 'tls'];
  return Array.from({ length: 2 ** names.length }, (_, index) => {
    const chosen = 2 ** names.length - 1 - index;
    return names
      .filter((_name, bit) => (chosen & (1 << bit)) !== 0)
      .reverse()
      .map(name => `${name}/`)
      .join('');
  });
}
