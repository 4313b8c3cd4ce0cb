import { readFileSync } from 'node:fs';
import type { ByteText } from '../protocol/elf.ts';
import { osPath } from './byte-text.ts';

export type Distribution = 'debian' | 'fedora' | 'arch' | 'alpine';

const installCommands: Readonly<Record<Distribution, string>> = {
  debian: 'apt-get install',
  fedora: 'dnf install',
  arch: 'pacman -S',
  alpine: 'apk add',
};

/** What `ID` and `ID_LIKE` of os-release(5) say, by the package manager that the system has. */
const families: readonly { readonly id: RegExp; readonly distribution: Distribution }[] = [
  { id: /\b(?:debian|ubuntu)\b/u, distribution: 'debian' },
  { id: /\b(?:fedora|rhel|centos|almalinux|rocky)\b/u, distribution: 'fedora' },
  { id: /\b(?:arch|archlinux|manjaro)\b/u, distribution: 'arch' },
  { id: /\balpine\b/u, distribution: 'alpine' },
];

/** @param osRelease Text of os-release(5). Null where the distribution is none that we know. */
export function distributionOf(osRelease: string): Distribution | null {
  const ids = [...osRelease.matchAll(/^ID(?:_LIKE)?=(.*)$/gmu)].map(match => match[1] ?? '').join(' ');
  return families.find(family => family.id.test(ids))?.distribution ?? null;
}

/** The command that installs a package on this distribution; on an unknown one, all that we know, one after the other. */
export function installCommand(
  packages: Readonly<Record<Distribution, string>>,
  distribution: Distribution | null,
): string {
  if (distribution !== null) return `${installCommands[distribution]} ${packages[distribution]}`;
  return Object.entries(installCommands)
    .map(([name, command]) => `${command} ${packages[name as Distribution]} (${name})`)
    .join(', ');
}

/** The distribution of the machine that the server runs on. */
export function thisDistribution(): Distribution | null {
  return distributionAt('');
}

/** @param root Host path of the folder that is `/`, without a slash at its end. */
export function distributionAt(root: ByteText): Distribution | null {
  for (const path of ['/etc/os-release', '/usr/lib/os-release']) {
    try {
      return distributionOf(readFileSync(osPath(root + path), 'utf8'));
    } catch {
      // os-release(5) names both places; a system without either is one that we don't know.
    }
  }
  return null;
}
