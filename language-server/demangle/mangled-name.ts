import type { ByteText } from '../protocol/elf.ts';

/** The schemes that c++filt is asked for: by itself it tries C++ (Itanium ABI) and Rust, and D only when told to. */
export type Mangling = 'auto' | 'dlang';

/** c++filt reads a name of standard input into a buffer of 32,767 bytes (binutils/cxxfilt.c) and would demangle its pieces. */
const longestName = 32_000;

/**
 * The scheme by which a name seems to be mangled; null: none, or a name that c++filt would take apart: it splits its input at
 * each character that no mangled name has. A version or `@plt` behind the name stays behind what it becomes.
 */
export function manglingOf(name: ByteText): Mangling | null {
  if (name.length > longestName) return null;
  // Itanium ABI 5.1: _Z; clang's blocks ___Z; Rust RFC 2603: _R; GNU's _GLOBAL__sub_I_….
  if (/^[.$]*(?:_{1,4}Z|_R[A-Za-z\d]|_GLOBAL_[._$])[\w.$]*(?:@[\w.$@]*)?$/u.test(name)) return 'auto';
  // D ABI, "Name Mangling": _D and the length of the first identifier, or a back reference; _Dmain.
  return /^_D(?:\d|Q[a-zA-Z]|main$)[\w.$]*(?:@[\w.$@]*)?$/u.test(name) ? 'dlang' : null;
}
