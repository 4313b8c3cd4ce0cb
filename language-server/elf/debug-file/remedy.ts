import { type Distribution, thisDistribution } from '../../native/distribution.ts';
import { shellCommand } from '../../native/shell-quote.ts';
import type { ByteText } from '../../protocol/elf.ts';

/** Files of packages; what a person builds is rarely installed there. */
const systemFolders = /^\/(?:usr\/(?!local\/)|lib(?:32|64|x32)?\/|bin\/|sbin\/)/u;

const compile = 'Compile it with -g, and do not strip it.';

/** How to get the debug information of a file: that of a package for the system's files, else by building again. */
export function debugInformationRemedy(
  path: ByteText,
  buildId: string | null,
  distribution: Distribution | null = thisDistribution(),
): string {
  if (!systemFolders.test(path)) return compile;
  const command = packageCommand(path, distribution);
  if (command !== null) return command;
  return buildId === null ? compile : shellCommand(['debuginfod-find', 'debuginfo', buildId]);
}

function packageCommand(path: ByteText, distribution: Distribution | null): string | null {
  switch (distribution) {
    case 'debian':
      // Of debian-goodies: names the -dbgsym packages of a file.
      return shellCommand(['find-dbgsym-packages', path]);
    case 'fedora':
      return `dnf debuginfo-install "$(${shellCommand(['rpm', '-qf', path])})"`;
    case 'alpine':
      return `apk add "$(${shellCommand(['apk', 'info', '-qW', path])})-dbg"`;
    case 'arch':
    case null:
      // Arch has no packages of debug information, but a server of it.
      return null;
  }
}
