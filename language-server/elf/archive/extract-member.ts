import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { displayText } from '../../protocol/display-text.ts';
import type { ByteText } from '../../protocol/elf.ts';
import { UserError } from '../../protocol/errors.ts';
import { withElfFile } from '../open-elf.ts';
import type { ByteSource } from '../reader/byte-source.ts';
import { memberPlaceOf } from './member-path.ts';

/** No object file comes near; a hostile archive shall not fill the disk. */
const maximumBytes = 512 << 20;
const chunkBytes = 1 << 20;

/** A path that other programs can open. */
export interface PlainFile {
  readonly path: ByteText;
  /** It is a copy, which is there for a while only. */
  readonly isCopy: boolean;
}

/**
 * The file itself; a copy of it where it is a member of an archive (`libx.a(part.o)`). The copy is there as long as `use`
 * takes.
 * Throws what {@link withElfFile} throws; UserError notSupported for a member that is too large to be copied.
 */
export async function withPlainFile<T>(path: ByteText, use: (plain: PlainFile) => Promise<T>): Promise<T> {
  if (memberPlaceOf(path) === null) return await use({ path, isCopy: false });
  // Members of a thin archive are files of their own.
  const real = await withElfFile(path, file => file.path);
  if (memberPlaceOf(real) === null) return await use({ path: real, isCopy: false });
  const folder = mkdtempSync(join(tmpdir(), 'binary-detective-member-'));
  try {
    const copy = join(folder, 'member.o');
    await withElfFile(path, ({ image }) => copyTo(copy, path, image.source));
    return await use({ path: copy, isCopy: true });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function copyTo(copy: string, path: ByteText, source: ByteSource): void {
  if (source.sizeBytes > maximumBytes) {
    throw new UserError(
      'notSupported',
      `${displayText(path)} is larger than ${maximumBytes >> 20} MiB; extract it with "ar x" to look at it with other programs.`,
    );
  }
  const fd = openSync(copy, 'wx', 0o600);
  try {
    for (let at = 0; at < source.sizeBytes; ) {
      const bytes = source.read(at, chunkBytes);
      if (bytes.length === 0) break;
      for (let written = 0; written < bytes.length; ) written += writeSync(fd, bytes, written);
      at += bytes.length;
    }
  } finally {
    closeSync(fd);
  }
}
