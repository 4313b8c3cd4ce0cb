import { readFileSync } from 'node:fs';
import { decodeBytes, osPath } from '../../native/byte-text.ts';
import type { ByteText } from '../../protocol/elf.ts';
import type { LoaderFiles } from '../files/loader-files.ts';

/** The folders that musl searches last. */
export interface MuslSystemPath {
  /** The file that names them, or the loader that has them built in. */
  readonly from: ByteText;
  /** Separated by colons or newlines. */
  readonly path: ByteText;
}

const builtIn = '/lib:/usr/local/lib:/usr/lib';
const maximumBytes = 1 << 20;

/**
 * `/etc/ld-musl-ARCH.path`, below the folder that the loader's own folder is in: `/opt/musl/etc` for `/opt/musl/lib/ld-musl-…`.
 * Only where it does not exist the built-in folders hold (musl ldso/dynlink.c `load_library`).
 */
export function muslSystemPath(loaderPath: ByteText, arch: string | undefined, files: LoaderFiles): MuslSystemPath {
  const prefix = loaderPath.replace(/\/[^/]*\/[^/]*$/u, '');
  const name = /ld-musl-([\w-]+)\.so/u.exec(loaderPath)?.[1] ?? arch ?? '';
  const from = `${prefix}/etc/ld-musl-${name}.path`;
  const status = files.status(from);
  if (status.kind === 'error' && status.errno === 'ENOENT') return { from: loaderPath, path: builtIn };
  if (status.kind !== 'file' || status.sizeBytes > maximumBytes) return { from, path: '' };
  try {
    const bytes = readFileSync(osPath(status.hostPath));
    const end = bytes.indexOf(0);
    return { from, path: decodeBytes(end < 0 ? bytes : bytes.subarray(0, end)) };
  } catch {
    return { from, path: '' };
  }
}
