import { readdirSync, readFileSync } from 'node:fs';
import { osPath } from '../native/byte-text.ts';
import type { ByteText } from '../protocol/elf.ts';
import { inRoot } from './library-copies.ts';
import type { World } from './world.ts';

/** Folders that ldconfig(8) writes into the cache: those of `/etc/ld.so.conf` and what it includes. Host paths. */
export function configuredFolders(world: World): readonly ByteText[] {
  const seen = new Set<ByteText>();
  return foldersOf(world, inRoot(world, '/etc/ld.so.conf'), seen).map(folder =>
    inRoot(world, folder.replace(/\/+$/u, '')),
  );
}

function foldersOf(world: World, path: ByteText, seen: Set<ByteText>): readonly ByteText[] {
  if (seen.has(path) || seen.size > 100) return [];
  seen.add(path);
  return readText(path)
    .replace(/#.*$/gmu, '')
    .split('\n')
    .map(line => line.trim())
    .filter(line => line !== '')
    .flatMap(line => {
      const included = /^include\s+(\S+)$/u.exec(line)?.[1];
      return included === undefined
        ? [line.replace(/=.*$/u, '').trim()]
        : includedFiles(inRoot(world, included)).flatMap(file => foldersOf(world, file, seen));
    });
}

/** `include /etc/ld.so.conf.d/*.conf`: a pattern in the last part, as every distribution has it. */
function includedFiles(pattern: ByteText): readonly ByteText[] {
  const at = pattern.lastIndexOf('/');
  const [folder, name] = [pattern.slice(0, at), pattern.slice(at + 1)];
  if (!name.includes('*')) return [pattern];
  const expression = new RegExp(
    `^${name
      .split('*')
      .map(part => part.replace(/[\\^$.+?()[\]{}|]/gu, '\\$&'))
      .join('.*')}$`,
    'u',
  );
  try {
    return readdirSync(osPath(folder))
      .filter(file => expression.test(file))
      .sort()
      .map(file => `${folder}/${file}`);
  } catch {
    return [];
  }
}

function readText(path: ByteText): string {
  try {
    return readFileSync(osPath(path), 'utf8');
  } catch {
    return '';
  }
}
