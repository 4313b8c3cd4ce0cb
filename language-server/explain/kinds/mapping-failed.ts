import { realPath } from '../../dependencies/files/loader-files.ts';
import { type Mount, mountOf, readMounts } from '../../native/mounts.ts';
import { shellCommand, shellWord } from '../../native/shell-quote.ts';
import { displayText } from '../../protocol/display-text.ts';
import type { ByteText } from '../../protocol/elf.ts';
import type { PresentState, Remedy } from '../../protocol/explain.ts';
import { type ErrorKind, type Explained, explained } from '../error-kind.ts';
import { errorObject, fileName } from '../loading.ts';
import type { Origin } from '../origin.ts';
import { originError } from '../origin-error.ts';
import type { SystemError } from '../phrases.ts';
import type { World } from '../world.ts';

/** glibc elf/dl-map-segments.h and dl-load.c: mmap(2) or mprotect(2) failed for a segment. */
export const mappingFailed: ErrorKind = originError(
  'mapping-failed',
  [
    'failed to map segment from shared object',
    'cannot map zero-fill pages',
    'cannot change memory protections',
    'cannot apply additional memory protection after relocation',
  ],
  explainMapping,
);

async function explainMapping(world: World, origin: Origin, error: SystemError | null): Promise<Explained> {
  const { object } = origin;
  const { path, program } = await errorObject(world, origin);
  const mount = path === null ? null : mountOf(realPath(path) ?? path, readMounts());
  // glibc 2.36 does not say why mmap(2) failed.
  const isNoexec = error === null && mount?.isNoexec === true;
  const isForbidden = isNoexec || error === 'Operation not permitted' || error === 'Permission denied';
  return explained(
    {
      kind: 'mapping-failed',
      title:
        error === 'Cannot allocate memory'
          ? `There is no memory left to map ${fileName(object)}`
          : isForbidden
            ? `${fileName(object)} may not be mapped as code`
            : `${fileName(object)} cannot be mapped`,
      summary: `The file was found and is in order; the system refused to map it${error === null ? '' : ` (${error})`}. ${reasonOf(isNoexec ? 'Operation not permitted' : error)}`,
    },
    {
      object: { name: object, path },
      program,
      facts:
        path !== null && mount !== null
          ? [
              `${displayText(path)} is on the file system that is mounted at ${displayText(mount.folder)}${mount.isNoexec ? ', with the option noexec' : ''}.`,
            ]
          : [],
      state: stateOf(path, mount, isForbidden),
      remedies: remediesOf(path, mount, error, isForbidden),
      evidence: [
        {
          rule: 'glibc elf/dl-map-segments.h _dl_map_segments',
          command: path === null ? 'ulimit -v' : shellCommand(['findmnt', '-T', path]),
        },
      ],
    },
  );
}

function reasonOf(error: SystemError | null): string {
  switch (error) {
    case 'Operation not permitted':
      return 'That is what a file system that is mounted noexec says: nothing on it may be run.';
    case 'Permission denied':
      return 'The file system, SELinux or AppArmor forbids to run what is in the file.';
    case 'Cannot allocate memory':
      return 'The process has reached a limit: of address space (ulimit -v), of memory (a container), or of the number of mappings.';
    case null:
      return 'The loader does not say why: a limit of memory (ulimit -v, a container) or of mappings is reached, or the file system is mounted noexec.';
    default:
      return 'The system’s own log may say more.';
  }
}

function stateOf(path: ByteText | null, mount: Mount | null, isForbidden: boolean): PresentState {
  if (path === null) return { kind: 'unknown', text: 'The file is not on this machine.' };
  if (!isForbidden || mount === null)
    return { kind: 'unknown', text: 'It depends on the limits of the process, which a file does not show.' };
  return mount.isNoexec
    ? { kind: 'persists', text: `${displayText(mount.folder)} is still mounted noexec.` }
    : { kind: 'resolved', text: `${displayText(mount.folder)} is not mounted noexec on this machine now.` };
}

function remediesOf(
  path: ByteText | null,
  mount: Mount | null,
  error: SystemError | null,
  isForbidden: boolean,
): readonly Remedy[] {
  if (isForbidden) return forbiddenRemedies(path, mount);
  // Without a reason, and where the file cannot be looked at, it may be either.
  return error === null && mount === null ? [...memoryRemedies(), ...forbiddenRemedies(path, mount)] : memoryRemedies();
}

function forbiddenRemedies(path: ByteText | null, mount: Mount | null): readonly Remedy[] {
  const remedies: Remedy[] = [
    {
      id: 'other-folder',
      title: 'Put it on a file system that may run code',
      why: 'Programs that unpack themselves (PyInstaller, Java, Numba) take the folder that TMPDIR names.',
      command: 'TMPDIR="$HOME/tmp" COMMAND',
    },
  ];
  if (mount?.isNoexec === true) {
    remedies.push({
      id: 'remount-exec',
      title: `Or mount ${displayText(mount.folder)} without noexec`,
      why: 'It is often set on purpose, for /tmp above all: ask whoever set it.',
      command: `sudo mount -o remount,exec ${shellWord(mount.folder)}`,
    });
  }
  if (path !== null)
    remedies.push({
      id: 'selinux',
      title: 'See whether SELinux or AppArmor forbids it',
      why: 'Their log names the rule.',
      command: `sudo ausearch -m avc -ts recent | grep ${shellWord(fileName(path))}`,
    });
  return remedies;
}

function memoryRemedies(): readonly Remedy[] {
  return [
    {
      id: 'ulimit',
      title: 'Lift the limit of address space',
      why: 'A library needs address space for all its segments, more than it has bytes. In a container, give it more memory.',
      command: 'ulimit -v unlimited',
    },
    {
      id: 'map-count',
      title: 'Or allow more mappings',
      why: 'Where the process has very many libraries or threads.',
      command: 'sudo sysctl vm.max_map_count=262144',
    },
  ];
}
