import { statSync } from 'node:fs';
import { dirname, isAbsolute, join } from 'node:path';
import { osPath } from '../native/byte-text.ts';
import type { ByteText } from '../protocol/elf.ts';

export interface SourceFile {
  readonly path: ByteText;
  readonly exists: boolean;
}

/**
 * A source file by the path that debug information has of it. A relative one (`-fdebug-prefix-map=…=.`) was in the folder of a
 * build that nobody tells: it is looked for from the folder of the binary upwards, as build folders are within source folders.
 */
export function sourceFile(told: ByteText, binary: ByteText): SourceFile {
  if (isAbsolute(told)) return { path: told, exists: isFile(told) };
  const folders = ancestors(dirname(binary));
  const found = folders.map(folder => join(folder, told)).find(isFile);
  return { path: found ?? join(folders[0] ?? '/', told), exists: found !== undefined };
}

function ancestors(folder: ByteText): readonly ByteText[] {
  const parent = dirname(folder);
  return parent === folder ? [folder] : [folder, ...ancestors(parent)];
}

function isFile(path: ByteText): boolean {
  try {
    return !path.includes('\0') && statSync(osPath(path)).isFile();
  } catch {
    // Not there, or not for us to see.
    return false;
  }
}
