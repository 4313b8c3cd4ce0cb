import type { ByteText, ElfIdentity, FortifyVerdict } from '../../protocol/elf.ts';
import { cLibraryOf } from '../versions/versions-report-libc.ts';

/**
 * Functions that have a checked twin, `__NAME_chk`: what glibc 2.36 exports as such and its headers call (bits/*2.h,
 * bits/string_fortified.h), and what newer releases added.
 */
const glibcFunctions = `
  asprintf confstr dprintf explicit_bzero fdelt fgets fgets_unlocked fgetws fgetws_unlocked fprintf fread fread_unlocked
  fwprintf getcwd getdomainname getgroups gethostname getlogin_r gets getwd inet_ntop inet_pton longjmp mbsnrtowcs mbsrtowcs
  mbstowcs memcpy memmove mempcpy memset obstack_printf obstack_vprintf poll ppoll ppoll64 pread pread64 printf ptsname_r read
  readlink readlinkat realpath recv recvfrom snprintf sprintf stpcpy stpncpy strcat strcpy strlcat strlcpy strncat strncpy
  swprintf syslog ttyname_r vasprintf vdprintf vfprintf vfwprintf vprintf vsnprintf vsprintf vswprintf vsyslog vwprintf wcpcpy
  wcpncpy wcrtomb wcscat wcscpy wcslcat wcslcpy wcsncat wcsncpy wcsnrtombs wcsrtombs wcstombs wctomb wmemcpy wmemmove wmempcpy
  wmemset wprintf`
  .trim()
  .split(/\s+/u);

/** More that Android's C library checks (libc/include/bits/fortify). */
const bionicFunctions = [
  'FD_CLR',
  'FD_ISSET',
  'FD_SET',
  'fwrite',
  'memchr',
  'memrchr',
  'pwrite',
  'pwrite64',
  'send',
  'sendto',
  'strchr',
  'strlen',
  'strncpy',
  'strrchr',
  'umask',
  'write',
];

/** Variants whose checked twin has another name: `open` with O_CREAT but no mode, the forms that ISO C99 and C23 rename to. */
const otherTwins: readonly (readonly [checked: string, plain: readonly string[]])[] = [
  ['__open_2', ['open']],
  ['__open64_2', ['open64']],
  ['__openat_2', ['openat']],
  ['__openat64_2', ['openat64']],
  ['__mq_open_2', ['mq_open']],
  ['__longjmp_chk', ['longjmp', '_longjmp', 'siglongjmp', '__libc_siglongjmp', '__libc_longjmp']],
];

const checkedNames: ReadonlySet<string> = new Set([
  ...[...glibcFunctions, ...bionicFunctions].map(name => `__${name}_chk`),
  ...otherTwins.map(([checked]) => checked),
]);

/** Whether it is one of the functions that are called in place of others where _FORTIFY_SOURCE is set. */
export function isCheckedFunction(name: ByteText): boolean {
  return checkedNames.has(name);
}

/** These got their twins in 2.38 and 2.42: where they are plain, the C library may have been too old to do better. */
const recentFunctions = ['inet_ntop', 'inet_pton', 'strlcat', 'strlcpy', 'wcslcat', 'wcslcpy'];

/** `open` is left out: it is checked only for a mistake that stops the program at once; `fdelt` is no function by itself. */
const plainNames: ReadonlySet<string> = new Set(
  [...glibcFunctions, '_longjmp', 'siglongjmp', '__stpcpy', '__mempcpy'].filter(
    name => name !== 'fdelt' && !recentFunctions.includes(name),
  ),
);

/**
 * With `_FORTIFY_SOURCE` these are always replaced (for `%n`), whatever is known of their buffers; a plain call is from code
 * that was compiled without it.
 */
const alwaysReplaced: ReadonlySet<string> = new Set(
  'asprintf dprintf fprintf fwprintf obstack_printf printf syslog vasprintf vdprintf vfprintf vprintf vsyslog wprintf'.split(
    ' ',
  ),
);

export interface FortifySubject {
  readonly identity: ElfIdentity;
  /** The functions that the file asks others for; null: they cannot be known. */
  readonly imports: ReadonlySet<ByteText> | null;
  /** A program that brings all of its code with it, the C library included. */
  readonly isStatic: boolean;
}

export function fortifyVerdict({ identity, imports, isStatic }: FortifySubject): FortifyVerdict {
  const names = [...(imports ?? [])];
  const checked = names.filter(isCheckedFunction).sort();
  const unchecked = names.filter(name => plainNames.has(name)).sort();
  const of = (verdict: FortifyVerdict['verdict'], evidence: string): FortifyVerdict => {
    return { verdict, evidence, checked, unchecked };
  };
  if (checked.length > 0) {
    const rest = unchecked.length === 0 ? 'none is used unchecked' : `unchecked: ${listed(unchecked)}`;
    return of('yes', `imports ${listed(checked)}; ${rest}`);
  }
  if (isStatic) return of('unknown', 'a static program does not import what it calls');
  if (imports === null) return of('unknown', 'no symbols that could be looked at');
  if (cLibraryOf(identity) === 'musl')
    return of('unknown', 'musl has no checked functions; its headers do the checks inline');
  if (unchecked.length === 0) return of('unknown', 'imports no function that could be checked');
  const certain = unchecked.filter(name => alwaysReplaced.has(name));
  const meaning =
    certain.length > 0
      ? `${listed(certain)} would be replaced if _FORTIFY_SOURCE were set`
      : 'they are replaced only where the compiler knows the size of the buffer';
  return of('no', `imports ${listed(unchecked)}, but no checked function (__…_chk): ${meaning}`);
}

function listed(names: readonly ByteText[]): string {
  const shown = names.slice(0, 5).join(', ');
  return names.length > 5 ? `${shown} and ${names.length - 5} more` : shown;
}
