/** The errors of open(2), read(2) and stat(2) that a candidate can meet; anything else is `EIO`. */
const descriptions = {
  ENOENT: 'No such file or directory',
  ENOTDIR: 'Not a directory',
  EACCES: 'Permission denied',
  EPERM: 'Operation not permitted',
  ELOOP: 'Too many levels of symbolic links',
  ENAMETOOLONG: 'File name too long',
  EISDIR: 'Is a directory',
  ENXIO: 'No such device or address',
  EIO: 'Input/output error',
} as const;

export type Errno = keyof typeof descriptions;

/** As strerror(3) of glibc says it in the C locale, and so as the loader's own messages end. */
export function describeErrno(errno: Errno): string {
  return descriptions[errno];
}

/** What `node:fs` threw, as an error of the system. */
export function errnoOf(error: unknown): Errno {
  const code = (error as NodeJS.ErrnoException).code;
  return code !== undefined && code in descriptions ? (code as Errno) : 'EIO';
}
