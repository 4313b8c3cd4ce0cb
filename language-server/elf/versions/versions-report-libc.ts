import type { ElfIdentity } from '../../protocol/elf.ts';

/** The C library that a file is made for. `none`: it asks for none; `other`: Android's, a BSD's, … */
export type CLibrary = 'glibc' | 'musl' | 'none' | 'other';

const glibcName = /(?:^|\/)(?:ld-linux[\w-]*\.so\.\d|ld64\.so\.\d|ld\.so\.1|libc\.so\.6(?:\.1)?)$/u;
const muslName = /(?:^|\/)(?:ld-musl-[\w-]+\.so\.1|libc\.musl-[\w-]+\.so\.1|libc\.so)$/u;
/** Android's C library is called `libc.so` as musl's is; these are its neighbours. */
const androidName = /^(?:\/system\/.*|\/apex\/.*|libdl\.so|liblog\.so|libandroid\.so)$/u;

/** By the loader that a program names and the libraries that it needs. */
export function cLibraryOf({ interpreter, needed }: Pick<ElfIdentity, 'interpreter' | 'needed'>): CLibrary {
  const names = [...(interpreter === null ? [] : [interpreter]), ...needed];
  if (names.some(name => glibcName.test(name))) return 'glibc';
  if (names.some(name => androidName.test(name))) return 'other';
  if (names.some(name => muslName.test(name))) return 'musl';
  if (interpreter !== null || needed.some(name => /^libc\.so\./u.test(name))) return 'other';
  return 'none';
}
