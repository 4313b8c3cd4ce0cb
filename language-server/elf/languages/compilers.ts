import type { ByteText } from '../../protocol/elf.ts';

/** A compiler or linker that left its name in `.comment`. */
export interface Compiler {
  /** "GCC", "Clang", "rustc", "LLD", … */
  readonly name: string;
  /** "12.2.0"; empty where the string has none. */
  readonly version: string;
  /** Who built it: "Debian 12.2.0-14"; empty where it does not say. */
  readonly distributor: string;
  readonly role: 'compiler' | 'linker';
  /** The string as it stands there. */
  readonly evidence: ByteText;
}

interface Kind {
  readonly name: string;
  readonly role: Compiler['role'];
  /** Named groups `version` and `distributor`. */
  readonly pattern: RegExp;
}

/** A new one is a line here. The first that matches counts. */
const kinds: readonly Kind[] = [
  {
    name: 'GCC',
    role: 'compiler',
    pattern: /^GCC: \((?<distributor>[^()]*(?:\([^()]*\)[^()]*)*)\) (?<version>\d[\w.]*)/u,
  },
  { name: 'GCC', role: 'compiler', pattern: /^GCC: .*?(?<version>\d+\.\d+[\w.]*)/u },
  { name: 'Rust', role: 'compiler', pattern: /^rustc version (?<version>\d[\w.-]*)/u },
  { name: 'Swift', role: 'compiler', pattern: /Swift version (?<version>\d[\w.-]*)/u },
  { name: 'Flang', role: 'compiler', pattern: /^(?<distributor>.*?) ?flang(?:-new)? version (?<version>\d[\w.-]*)/u },
  { name: 'LDC (D)', role: 'compiler', pattern: /^ldc version (?<version>\d[\w.-]*)/u },
  { name: 'GHC (Haskell)', role: 'compiler', pattern: /^GHC (?<version>\d[\w.]*)/u },
  {
    name: 'Intel C++ (LLVM)',
    role: 'compiler',
    pattern: /^Intel\(R\) oneAPI DPC\+\+\/C\+\+ Compiler (?<version>\d[\w.]*)/u,
  },
  {
    name: 'Intel Fortran',
    role: 'compiler',
    pattern: /^Intel\(R\) .*Fortran.*?(?:Version )?(?<version>\d+\.\d[\w.]*)/u,
  },
  { name: 'Intel C++', role: 'compiler', pattern: /^Intel\(R\) .*?(?:Version )?(?<version>\d+\.\d[\w.]*)/u },
  { name: 'Clang', role: 'compiler', pattern: /^(?<distributor>.*?) ?\bclang version (?<version>\d[\w.-]*)/u },
  { name: 'LLD', role: 'linker', pattern: /^Linker: (?<distributor>.*?) ?LLD (?<version>\d[\w.]*)/u },
  { name: 'mold', role: 'linker', pattern: /^mold (?<version>\d[\w.]*)/u },
  { name: 'wild', role: 'linker', pattern: /^Linker: Wild version (?<version>\d[\w.]*)/u },
];

/** The compilers and linkers that the strings of `.comment` name, each once; strings of an unknown form are left out. */
export function compilersIn(comments: readonly ByteText[]): readonly Compiler[] {
  const found = comments.flatMap(comment => compilerOf(comment) ?? []);
  const key = ({ name, version, distributor }: Compiler): string => `${name} ${version} ${distributor}`;
  return [...new Map(found.map(compiler => [key(compiler), compiler])).values()];
}

function compilerOf(comment: ByteText): Compiler | null {
  // Strings have no end that a rule sets; all known ones are short.
  const text = comment.slice(0, 1000);
  for (const { name, role, pattern } of kinds) {
    const groups = pattern.exec(text)?.groups;
    if (groups === undefined) continue;
    const { version = '', distributor = '' } = groups;
    return { name, role, version: version.replace(/[.-]+$/u, ''), distributor: distributor.trim(), evidence: comment };
  }
  return null;
}
