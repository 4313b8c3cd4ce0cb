import type { ByteText } from '../../protocol/elf.ts';
import { compareVersions } from '../versions/version-floors.ts';

/**
 * Functions by the release of musl that they came with: musl has no symbol versions, so these are what tells that a file needs
 * a newer one. From a comparison of what the releases 1.1.19 to 1.2.5 define and declare.
 */
const functionsSince: Readonly<Record<string, readonly string[]>> = {
  '1.1.20': ['explicit_bzero', 'getentropy', 'getrandom', 'memfd_create', 'mlock2'],
  '1.1.21': ['name_to_handle_at', 'open_by_handle_at'],
  '1.1.22': ['membarrier'],
  '1.1.24': [
    'catopen',
    'copy_file_range',
    'posix_spawn_file_actions_addchdir_np',
    'posix_spawn_file_actions_addfchdir_np',
    'secure_getenv',
  ],
  '1.2.2': ['_Fork', 'gettid', 'reallocarray', 'tcgetwinsize', 'tcsetwinsize'],
  '1.2.3': ['pthread_getname_np', 'qsort_r'],
  '1.2.5': ['preadv2', 'pwritev2', 'statx'],
};

/** On 32-bit machines, programs made with 1.2.0 or newer call functions with 64-bit time. */
const time64 = /^__\w*(?:time(?:x_time)?64(?:_r)?|_time64)$/u;

const sinceOf: ReadonlyMap<string, string> = new Map(
  Object.entries(functionsSince).flatMap(([version, names]) => names.map(name => [name, version] as const)),
);

/** The oldest musl that has all of these functions, and which ask for it; null: nothing asks for a newer one than 1.1.19. */
export function muslFloorOf(
  imports: Iterable<ByteText>,
): { readonly version: string; readonly symbols: readonly ByteText[] } | null {
  let version: string | null = null;
  let symbols: ByteText[] = [];
  for (const name of imports) {
    const since = sinceOf.get(name) ?? (time64.test(name) ? '1.2.0' : undefined);
    if (since === undefined) continue;
    const order = version === null ? 1 : compareVersions(since, version);
    if (order > 0) {
      version = since;
      symbols = [name];
    } else if (order === 0 && !symbols.includes(name)) symbols.push(name);
  }
  return version === null ? null : { version, symbols };
}
