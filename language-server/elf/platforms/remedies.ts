import type { ByteText } from '../../protocol/elf.ts';

/** What a person can do so that a file runs on older systems. */
export interface Remedy {
  readonly id: string;
  readonly title: string;
  /** Why it helps, and what it costs. */
  readonly text: string;
  /** What to type or write; `{glibc}` stands for the version of glibc that is aimed at. */
  readonly example: string;
}

interface RemedyRule extends Remedy {
  /** Families of versions that it lowers. */
  readonly families: readonly string[];
  /** Only where one of these symbols or versions asks for the newer version; absent: always. */
  readonly symbols?: RegExp;
}

/** A new one is an entry here; what helps most comes first. */
const rules: readonly RemedyRule[] = [
  {
    id: 'nopack-relative-relocs',
    families: ['GLIBC'],
    symbols: /^GLIBC_ABI_DT_RELR$/u,
    title: 'Link without packed relative relocations',
    text: 'The file needs glibc 2.36 only because its relocations are packed (DT_RELR). Without that it grows a little.',
    example: '-Wl,-z,nopack-relative-relocs',
  },
  {
    id: 'nomark-plt',
    families: ['GLIBC'],
    symbols: /^GLIBC_ABI_DT_X86_64_PLT$/u,
    title: 'Link without the mark for the procedure linkage table',
    text: 'The file needs this version only because its procedure linkage table is marked for the loader.',
    example: '-Wl,-z,nomark-plt',
  },
  {
    id: 'symver',
    families: ['GLIBC'],
    symbols:
      /^(?:memcpy|pow|powf|exp|expf|exp2f|log|logf|log2f|fmod|fmodf|clock_gettime|glob|quick_exit|fcntl64|fcntl)$/u,
    title: 'Ask for an older version of the function',
    text: 'glibc still has the older version of these functions under the same name. Fits where only a few functions force the newer version; the line goes into each source file that calls the function.',
    example: '__asm__(".symver memcpy, memcpy@GLIBC_2.2.5");',
  },
  {
    id: 'older-container',
    families: ['GLIBC', 'GLIBCXX', 'CXXABI', 'GCC', 'MUSL', 'ZLIB', 'LIBATOMIC'],
    title: 'Build in a container of the oldest system that it shall run on',
    text: 'The linker takes the newest version that the system at hand has. The images of manylinux have old libraries with a current compiler.',
    example: 'docker run --rm -v "$PWD:/src" -w /src quay.io/pypa/manylinux_2_28_x86_64 make',
  },
  {
    id: 'older-sysroot',
    families: ['GLIBC'],
    title: 'Build against the headers and libraries of an older glibc',
    text: 'A sysroot is a folder with the headers and libraries of another system; the compiler stays. "zig cc" brings all versions of glibc along.',
    example: 'zig cc -target x86_64-linux-gnu.{glibc} …    # or: cc --sysroot=/opt/sysroot …',
  },
  {
    id: 'static-libstdcxx',
    families: ['GLIBCXX', 'CXXABI'],
    title: 'Link the C++ library into the file',
    text: 'The file then needs no libstdc++.so.6. In a library, exceptions and objects of the C++ library may not cross its interface.',
    example: '-static-libstdc++ -static-libgcc',
  },
  {
    id: 'older-toolset',
    families: ['GLIBCXX', 'CXXABI', 'GCC'],
    title: 'Use a compiler that is made for the older C++ library',
    text: "Red Hat's gcc-toolset (and so manylinux) links what an older libstdc++.so.6 lacks into the file.",
    example: 'dnf install gcc-toolset-14 && scl enable gcc-toolset-14 -- make',
  },
  {
    id: 'bundle-libstdcxx',
    families: ['GLIBCXX', 'CXXABI'],
    title: 'Ship the C++ library beside the file',
    text: 'The loader finds it through RUNPATH. All that shares the process gets this one.',
    example: 'cp "$(cc -print-file-name=libstdc++.so.6)" lib/ && patchelf --set-rpath \'$ORIGIN/lib\' FILE',
  },
  {
    id: 'static-libgcc',
    families: ['GCC'],
    title: 'Link the runtime of GCC into the file',
    text: 'The file then needs no libgcc_s.so.1; exceptions must not pass through it to other libraries.',
    example: '-static-libgcc',
  },
  {
    id: 'static-musl',
    families: ['GLIBC', 'MUSL'],
    title: 'Make a static program with musl',
    text: 'It runs on every Linux of the machine, but loads no plug-ins, and finds users and hosts without NSS.',
    example: 'musl-gcc -static …',
  },
  {
    id: 'avoid-function',
    families: ['GLIBC', 'MUSL'],
    title: 'Do without the functions that force the newer version',
    text: 'The table of versions names them. Those that the compiler or the headers bring in (__isoc23_…, __libc_start_main, stat) go away only with an older sysroot.',
    example: 'nm -D --undefined-only FILE',
  },
  {
    id: 'auditwheel-repair',
    families: ['BUNDLE'],
    title: 'Put the other libraries into the wheel',
    text: 'Libraries that are no part of the profile are copied into the wheel under names of their own.',
    example: 'auditwheel repair --plat manylinux_2_28_x86_64 dist/*.whl',
  },
];

/**
 * What helps against some floors.
 * @param families Those of the floors that stand in the way; `BUNDLE` for libraries that a wheel must hold.
 * @param symbols The symbols and versions that force these floors.
 * @param glibc The version of glibc that is aimed at.
 */
export function remediesFor(
  families: readonly string[],
  symbols: readonly ByteText[],
  glibc = '2.28',
): readonly Remedy[] {
  return rules
    .filter(rule => rule.families.some(family => families.includes(family)))
    .filter(rule => rule.symbols === undefined || symbols.some(symbol => rule.symbols?.test(symbol)))
    .map(({ id, title, text, example }) => ({ id, title, text, example: example.replaceAll('{glibc}', glibc) }));
}
