import type { ByteText } from '../protocol/elf.ts';
import type { Remedy } from '../protocol/explain.ts';

/** What a name says about where it comes from. */
interface SymbolHint {
  readonly names: RegExp;
  readonly fact: string;
  readonly remedy: Remedy | null;
}

const hints: readonly SymbolHint[] = [
  {
    names: /^__(?:asan|ubsan|lsan)_/u,
    fact: 'The name is one of a sanitizer: the object was compiled with -fsanitize and is loaded by a program that was not.',
    remedy: {
      id: 'preload-sanitizer',
      title: 'Load the runtime of the sanitizer before all else',
      why: 'It has to be the first library of the process. Or build the object without -fsanitize.',
      command: 'LD_PRELOAD="$(cc -print-file-name=libasan.so)" COMMAND',
    },
  },
  {
    names: /^__tsan_/u,
    fact: 'The name is one of ThreadSanitizer: the object was compiled with -fsanitize=thread.',
    remedy: {
      id: 'preload-sanitizer',
      title: 'Load the runtime of the sanitizer before all else',
      why: 'It has to be the first library of the process. Or build the object without -fsanitize.',
      command: 'LD_PRELOAD="$(cc -print-file-name=libtsan.so)" COMMAND',
    },
  },
  {
    names: /^(?:__gcov_|llvm_gcda_|__llvm_profile_)/u,
    fact: 'The object was compiled for measuring coverage and linked without it.',
    remedy: {
      id: 'link-coverage',
      title: 'Link with --coverage',
      why: 'The functions are in a static library that this option adds.',
      command: null,
    },
  },
  {
    names: /^_ZTV/u,
    fact: "It is a virtual table, which is made where the class's first virtual function that is neither inline nor pure is defined: most often that definition is missing.",
    remedy: null,
  },
  {
    names: /^_ZT[IS]/u,
    fact: 'It is type information: made beside the virtual table, and not at all with -fno-rtti.',
    remedy: null,
  },
  {
    names: /^_ZNK?(?:3c10|2at|5torch)/u,
    fact: 'The name is one of PyTorch: the extension was built against another version of it than the one that is loaded.',
    remedy: {
      id: 'rebuild-extension',
      title: 'Build the extension again, against the PyTorch that is installed',
      why: "PyTorch's C++ interface changes with each release.",
      command: 'pip install --no-build-isolation --no-cache-dir --force-reinstall --no-deps PACKAGE',
    },
  },
];

export function hintsFor(symbol: ByteText): readonly SymbolHint[] {
  return hints.filter(({ names }) => names.test(symbol));
}

/** The C interface of Python: `PyList_New`, `_PyObject_GC_New`. */
export function isPythonSymbol(symbol: ByteText): boolean {
  return /^_?Py[A-Z_]/u.test(symbol);
}

/** Python 2's, which no Python 3 has. */
export function isPython2Symbol(symbol: ByteText): boolean {
  return /^_?Py(?:String|Int|Class|Instance|File_AsFile|CObject|Cobject|UnicodeUCS[24])_?|^Py_InitModule/u.test(symbol);
}
