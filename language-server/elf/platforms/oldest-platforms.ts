import type { ByteText, PlatformReason, PlatformVerdict } from '../../protocol/elf.ts';
import { compareVersions } from '../versions/version-floors.ts';
import { gccRuntime } from './gcc-runtime.ts';
import type { PlatformMachine } from './machines.ts';
import { type Family, families, type Release } from './releases.ts';
import {
  manylinuxLibraries,
  manylinuxLibrarySince,
  manylinuxProfiles,
  musllinuxLibraries,
  musllinuxProfiles,
  type WheelProfile,
} from './wheel-profiles.ts';

export interface PlatformQuery {
  /** The newest version that the file needs of each family: `{ GLIBC: '2.34', GLIBCXX: '3.4.30', MUSL: '1.2.3' }`. */
  readonly floors: Readonly<Record<string, string>>;
  /** Null: one that no release in the data is made for. */
  readonly machine: PlatformMachine | null;
  /** `none`: a static program, which needs neither. */
  readonly libc: 'glibc' | 'musl' | 'none';
  /** DT_NEEDED: a wheel has to bring along what its profile does not promise. */
  readonly needed: readonly ByteText[];
}

/** What releases are judged by; whether they have other libraries in the right version is not in the data. */
export const judgedFamilies: readonly string[] = ['GLIBC', 'GLIBCXX', 'CXXABI', 'GCC', 'MUSL'];

/** The oldest release of each distribution and the oldest profile of wheels that can run a file. Distributions first. */
export function oldestPlatforms(query: PlatformQuery): readonly PlatformVerdict[] {
  return [
    ...families.map(family => familyVerdict(family, query)),
    ...(query.libc === 'musl' ? [] : [wheelVerdict('manylinux', manylinuxProfiles, manylinuxLibraries, query)]),
    ...(query.libc === 'glibc' ? [] : [wheelVerdict('musllinux', musllinuxProfiles, musllinuxLibraries, query)]),
  ];
}

/** Whether a version that a file needs is one that a level has. */
export function satisfies(level: string | null, needs: string): boolean {
  return level !== null && compareVersions(level, needs) >= 0;
}

interface Candidate {
  readonly name: string;
  readonly released: string | null;
  readonly machines: readonly PlatformMachine[];
  level(family: string): string | null;
}

function familyVerdict(family: Family, query: PlatformQuery): PlatformVerdict {
  if (query.libc !== 'none' && query.libc !== family.libc) {
    return { family: family.name, kind: 'otherLibc', oldest: null, reasons: [], bundle: [] };
  }
  const candidates = family.releases.map(
    (release): Candidate => ({
      name: release.name,
      released: release.released ?? null,
      machines: release.machines,
      level: name => releaseLevel(release, name),
    }),
  );
  const judged = Object.entries(query.floors).filter(([name]) => judgedFamilies.includes(name));
  return { family: family.name, bundle: [], ...judge(candidates, judged, query) };
}

function releaseLevel(release: Release, family: string): string | null {
  switch (family) {
    case 'GLIBC':
      return release.glibc ?? null;
    case 'MUSL':
      return release.musl ?? null;
    case 'GLIBCXX':
      return gccRuntime(release.gcc)?.glibcxx ?? null;
    case 'CXXABI':
      return gccRuntime(release.gcc)?.cxxabi ?? null;
    default:
      // The versions of libgcc_s.so.1 are those of GCC itself.
      return release.gcc;
  }
}

const wheelFamilies: readonly string[] = [...judgedFamilies, 'ZLIB', 'LIBATOMIC'];

function wheelVerdict(
  family: string,
  profiles: readonly WheelProfile[],
  libraries: readonly string[],
  query: PlatformQuery,
): PlatformVerdict {
  const bundle = query.needed.filter(name => !libraries.includes(name) && !isLoader(name));
  const candidates = profiles.map(
    (profile): Candidate => ({
      name: profile.alias === undefined ? profile.name : `${profile.name} (${profile.alias})`,
      released: null,
      machines: profile.machines,
      level: name => wheelLevel(profile, name, query.machine),
    }),
  );
  const since = query.needed.map(name => manylinuxLibrarySince[name]).filter(name => name !== undefined);
  const first =
    family === 'manylinux' ? Math.max(0, ...since.map(name => profiles.findIndex(one => one.name === name))) : 0;
  const floors = Object.entries(query.floors);
  const judged = floors.filter(
    ([name]) => wheelFamilies.includes(name) && !(family === 'musllinux' && name !== 'MUSL'),
  );
  return { family, bundle, ...judge(candidates.slice(first), judged, query) };
}

function wheelLevel(
  { levels, exceptions }: WheelProfile,
  family: string,
  machine: PlatformMachine | null,
): string | null {
  const level = (machine === null ? undefined : exceptions?.[machine]?.[family]) ?? levels[family];
  return level === undefined || level === '' ? null : level;
}

/** The loader itself, which every system has at its place. */
function isLoader(name: ByteText): boolean {
  return /^ld(?:-linux|64|-musl)?[\w-]*\.so\.\d$/u.test(name) || /^libc\.musl-\w+\.so\.1$/u.test(name);
}

function judge(
  candidates: readonly Candidate[],
  floors: readonly (readonly [family: string, needs: string])[],
  { machine, libc }: PlatformQuery,
): Pick<PlatformVerdict, 'kind' | 'oldest' | 'reasons'> {
  const forMachine = candidates.filter(({ machines }) => machine !== null && machines.includes(machine));
  if (forMachine.length === 0) return { kind: 'otherMachine', oldest: null, reasons: [] };
  const lacks = (candidate: Candidate): readonly PlatformReason[] =>
    libc === 'none'
      ? []
      : floors
          .map(([family, needs]) => ({ family, needs, has: candidate.level(family) }))
          .filter(({ needs, has }) => !satisfies(has, needs));
  const at = forMachine.findIndex(candidate => lacks(candidate).length === 0);
  const newest = forMachine.at(-1);
  const oldest = forMachine[at];
  if (oldest === undefined) return { kind: 'tooNew', oldest: null, reasons: newest === undefined ? [] : lacks(newest) };
  const before = forMachine[at - 1];
  const { name, released } = oldest;
  return { kind: 'runs', oldest: { name, released }, reasons: before === undefined ? [] : lacks(before) };
}
