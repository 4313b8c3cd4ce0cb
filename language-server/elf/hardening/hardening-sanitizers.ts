import type { ByteText, ElfIdentity, HardeningVerdict } from '../../protocol/elf.ts';
import type { NameFinder } from './hardening-names.ts';

interface Sanitizer {
  readonly name: string;
  /** What each instrumented object asks the runtime for. */
  readonly symbols: readonly (readonly [beginning: string, exact?: 'exact'])[];
  readonly library: RegExp;
}

/** By the interface of their runtimes (compiler-rt, libsanitizer). A new one is an entry here. */
const sanitizers: readonly Sanitizer[] = [
  {
    name: 'AddressSanitizer',
    symbols: [['__asan_init'], ['__asan_report_']],
    library: /^libasan\.so|^libclang_rt\.asan/u,
  },
  { name: 'HWAddressSanitizer', symbols: [['__hwasan_init']], library: /^libhwasan\.so|^libclang_rt\.hwasan/u },
  {
    name: 'ThreadSanitizer',
    symbols: [
      ['__tsan_init', 'exact'],
      ['__tsan_func_entry', 'exact'],
    ],
    library: /^libtsan\.so|^libclang_rt\.tsan/u,
  },
  { name: 'MemorySanitizer', symbols: [['__msan_init', 'exact'], ['__msan_warning']], library: /^libclang_rt\.msan/u },
  { name: 'UndefinedBehaviorSanitizer', symbols: [['__ubsan_handle_']], library: /^libubsan\.so|^libclang_rt\.ubsan/u },
  { name: 'LeakSanitizer', symbols: [['__lsan_init', 'exact']], library: /^liblsan\.so|^libclang_rt\.lsan/u },
];

export function sanitizersVerdict({ soname, needed }: ElfIdentity, names: NameFinder): HardeningVerdict {
  if (soname !== null && isRuntime(soname)) {
    return { verdict: 'notApplicable', evidence: `${soname} is the runtime of a sanitizer` };
  }
  const found = sanitizers.flatMap(({ name, symbols, library }) => {
    const evidence =
      symbols.map(([beginning, exact]) => names.find(beginning, exact)).find(symbol => symbol !== null) ??
      needed.find(other => library.test(other));
    return evidence === undefined ? [] : [`${name} (${evidence})`];
  });
  if (found.length > 0) return { verdict: 'yes', evidence: found.join(', ') };
  return names.hasNames
    ? { verdict: 'no', evidence: 'no symbol of the runtime of a sanitizer' }
    : { verdict: 'unknown', evidence: 'no symbols that could be looked at' };
}

function isRuntime(soname: ByteText): boolean {
  return sanitizers.some(({ library }) => library.test(soname));
}

/** Clang's control flow integrity: its tables and checks have names of their own, where names are left. */
export function cfiVerdict({ soname }: ElfIdentity, names: NameFinder, hasSymbolTable: boolean): HardeningVerdict {
  if (soname !== null && isRuntime(soname)) {
    return { verdict: 'notApplicable', evidence: `${soname} is the runtime that reports violations` };
  }
  const symbol =
    names.find('__cfi_check', 'exact') ?? names.find('__cfi_slowpath') ?? names.find('__ubsan_handle_cfi_check_fail');
  if (symbol !== null) return { verdict: 'yes', evidence: `the symbol ${symbol}` };
  const evidence = hasSymbolTable
    ? 'no symbol of it; inside one file it may leave none'
    : 'stripped, and inside one file it leaves no dynamic symbol';
  return { verdict: 'unknown', evidence };
}
