import { compareVersions } from '../versions/version-floors.ts';

/** The newest versions that libstdc++.so.6 of a release of GCC defines. */
interface GccRuntime {
  readonly gcc: string;
  readonly glibcxx: string;
  readonly cxxabi: string;
}

/**
 * From the GNU C++ Library Manual, "ABI Policy and Guidelines" (versioning of libstdc++.so); a release that is not listed has
 * the versions of the one before it. 13 and newer as their libraries define them.
 */
const runtimes: readonly GccRuntime[] = [
  { gcc: '4.1.1', glibcxx: '3.4.8', cxxabi: '1.3.1' },
  { gcc: '4.2.0', glibcxx: '3.4.9', cxxabi: '1.3.1' },
  { gcc: '4.3.0', glibcxx: '3.4.10', cxxabi: '1.3.2' },
  { gcc: '4.4.0', glibcxx: '3.4.11', cxxabi: '1.3.3' },
  { gcc: '4.4.1', glibcxx: '3.4.12', cxxabi: '1.3.3' },
  { gcc: '4.4.2', glibcxx: '3.4.13', cxxabi: '1.3.3' },
  { gcc: '4.5.0', glibcxx: '3.4.14', cxxabi: '1.3.4' },
  { gcc: '4.6.0', glibcxx: '3.4.15', cxxabi: '1.3.5' },
  { gcc: '4.6.1', glibcxx: '3.4.16', cxxabi: '1.3.5' },
  { gcc: '4.7.0', glibcxx: '3.4.17', cxxabi: '1.3.6' },
  { gcc: '4.8.0', glibcxx: '3.4.18', cxxabi: '1.3.7' },
  { gcc: '4.8.3', glibcxx: '3.4.19', cxxabi: '1.3.7' },
  { gcc: '4.9.0', glibcxx: '3.4.20', cxxabi: '1.3.8' },
  { gcc: '5.1.0', glibcxx: '3.4.21', cxxabi: '1.3.9' },
  { gcc: '6.1.0', glibcxx: '3.4.22', cxxabi: '1.3.10' },
  { gcc: '7.1.0', glibcxx: '3.4.23', cxxabi: '1.3.11' },
  { gcc: '7.2.0', glibcxx: '3.4.24', cxxabi: '1.3.11' },
  { gcc: '8.1.0', glibcxx: '3.4.25', cxxabi: '1.3.11' },
  { gcc: '9.1.0', glibcxx: '3.4.26', cxxabi: '1.3.12' },
  { gcc: '9.2.0', glibcxx: '3.4.27', cxxabi: '1.3.12' },
  { gcc: '9.3.0', glibcxx: '3.4.28', cxxabi: '1.3.12' },
  { gcc: '11.1.0', glibcxx: '3.4.29', cxxabi: '1.3.13' },
  { gcc: '12.1.0', glibcxx: '3.4.30', cxxabi: '1.3.13' },
  { gcc: '13.1.0', glibcxx: '3.4.31', cxxabi: '1.3.14' },
  { gcc: '13.2.0', glibcxx: '3.4.32', cxxabi: '1.3.14' },
  { gcc: '14.1.0', glibcxx: '3.4.33', cxxabi: '1.3.15' },
  { gcc: '15.1.0', glibcxx: '3.4.34', cxxabi: '1.3.16' },
  { gcc: '16.1.0', glibcxx: '3.4.35', cxxabi: '1.3.17' },
];

/** What the C++ library of a release of GCC has; null for one older than GCC 4.1. */
export function gccRuntime(gcc: string): { readonly glibcxx: string; readonly cxxabi: string } | null {
  return runtimes.findLast(runtime => compareVersions(runtime.gcc, gcc) <= 0) ?? null;
}

/** The first release of GCC whose C++ library has a version; null: newer than all that are known. */
export function firstGccWith(family: 'GLIBCXX' | 'CXXABI', version: string): string | null {
  const found = runtimes.find(
    ({ glibcxx, cxxabi }) => compareVersions(family === 'GLIBCXX' ? glibcxx : cxxabi, version) >= 0,
  );
  return found?.gcc ?? null;
}
