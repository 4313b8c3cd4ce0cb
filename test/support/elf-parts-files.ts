import { execFileSync } from 'node:child_process';
import { closeSync, existsSync, openSync, readdirSync, readSync, realpathSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { type ByteSource, createByteSource } from '../../language-server/elf/reader/byte-source.ts';
import { type ElfImage, readElfImage } from '../../language-server/elf/reader/elf-image.ts';

/** Opens a file for the time that `use` takes. */
export function withSource<T>(path: string, use: (source: ByteSource) => T): T {
  const fd = openSync(path, 'r');
  try {
    return use(createByteSource(fd, statSync(path).size));
  } finally {
    closeSync(fd);
  }
}

export function imageOf(source: ByteSource): ElfImage {
  const reading = readElfImage(source);
  if (reading.kind !== 'image') throw new Error(`no ELF file: ${reading.kind}`);
  return reading.image;
}

/** What a program prints; with its exit status and error output ignored, as readelf warns about many files. */
export function outputOf(program: string, args: readonly string[]): string {
  try {
    return execFileSync(program, args, {
      encoding: 'latin1',
      maxBuffer: 1 << 30,
      stdio: ['ignore', 'pipe', 'ignore'],
      env: { ...process.env, LC_ALL: 'C' },
    });
  } catch (error) {
    const { stdout } = error as { readonly stdout?: string };
    if (typeof stdout !== 'string') throw error;
    return stdout;
  }
}

/** Regular files below folders that begin with one of the texts, symbolic links not followed. */
export function filesBeginning(folders: readonly string[], beginnings: readonly string[]): readonly string[] {
  return folders.flatMap(folder => {
    try {
      return readdirSync(folder, { withFileTypes: true }).flatMap(entry => {
        const path = join(folder, entry.name);
        if (entry.isDirectory()) return filesBeginning([path], beginnings);
        return entry.isFile() && beginnings.includes(beginningOf(path)) ? [path] : [];
      });
    } catch {
      return [];
    }
  });
}

function beginningOf(path: string): string {
  try {
    const fd = openSync(path, 'r');
    try {
      const bytes = Buffer.alloc(4);
      return bytes.toString('latin1', 0, readSync(fd, bytes, 0, 4, 0));
    } finally {
      closeSync(fd);
    }
  } catch {
    return '';
  }
}

/** Each once: on most systems /lib is a link into /usr. */
export const machineFolders: readonly string[] = ['/usr', '/opt', '/lib', '/root'].filter(
  folder => existsSync(folder) && realpathSync(folder) === folder,
);
