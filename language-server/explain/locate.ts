import { type Dirent, readdirSync } from 'node:fs';
import { absolutePath, type LoaderFiles } from '../dependencies/files/loader-files.ts';
import type { LoaderEnvironment } from '../dependencies/loader/environment.ts';
import { decodeBytes, osPath } from '../native/byte-text.ts';
import type { ByteText } from '../protocol/elf.ts';

export interface Locator {
  /** Absolute host path of a regular file that a text names; null: it is not found. */
  locate(name: ByteText): ByteText | null;
  /** Files of a name below the search folders and the working directory, nearest first. */
  findByName(isWanted: (fileName: ByteText) => boolean): readonly ByteText[];
}

interface LocatorOptions {
  readonly environment: LoaderEnvironment;
  readonly files: LoaderFiles;
  readonly folders: readonly ByteText[];
  /** `PATH`, in which a shell found what was started by its name alone. */
  readonly path: string;
}

/** A workspace larger than this is looked through in part only. */
const maximumEntries = 20_000;
const maximumDepth = 8;
const skipped: ReadonlySet<ByteText> = new Set([
  '.git',
  'node_modules',
  '.hg',
  '.svn',
  'proc',
  'sys',
  'dev',
  '__pycache__',
]);

export function createLocator({ environment, files, folders, path }: LocatorOptions): Locator {
  const { cwd } = environment;
  const fileAt = (candidate: ByteText): ByteText | null =>
    files.status(candidate).kind === 'file' ? files.shown(candidate) : null;
  const roots = [...new Set([cwd, ...folders])];
  let listed: readonly ByteText[] | undefined;
  const list = (): readonly ByteText[] => {
    listed ??= listFiles(roots);
    return listed;
  };
  const below = (name: ByteText): ByteText | null => {
    const end = `/${name.replace(/^(?:\.{0,2}\/)+/u, '')}`;
    return list().find(file => file.endsWith(end)) ?? null;
  };
  return {
    locate: name => {
      if (name === '') return null;
      if (name.startsWith('/')) return fileAt(name);
      const near = roots.map(root => fileAt(absolutePath(name, root))).find(found => found !== null);
      if (near !== undefined) return near;
      if (name.includes('/')) return below(name);
      const inPath = path.split(':').map(folder => (folder === '' ? null : fileAt(`${folder}/${name}`)));
      return inPath.find(found => found !== null) ?? below(name);
    },
    findByName: isWanted => list().filter(file => isWanted(file.slice(file.lastIndexOf('/') + 1))),
  };
}

/** Breadth first, so that what lies near comes first and a deep tree is cut at its leaves. */
function listFiles(roots: readonly ByteText[]): readonly ByteText[] {
  const found: ByteText[] = [];
  const pending = roots.filter(root => root !== '/').map(folder => ({ folder, depth: 0 }));
  const seen = new Set<ByteText>();
  let entries = 0;
  for (const { folder, depth } of pending) {
    if (seen.has(folder)) continue;
    seen.add(folder);
    for (const entry of entriesOf(folder)) {
      entries += 1;
      if (entries > maximumEntries) return found;
      const name = decodeBytes(entry.name);
      if (entry.isDirectory() && depth < maximumDepth && !skipped.has(name)) {
        pending.push({ folder: `${folder}/${name}`, depth: depth + 1 });
      } else if (entry.isFile() || entry.isSymbolicLink()) {
        found.push(`${folder}/${name}`);
      }
    }
  }
  return found;
}

function entriesOf(folder: ByteText): readonly Dirent<Buffer>[] {
  try {
    return readdirSync(osPath(folder), { withFileTypes: true, encoding: 'buffer' });
  } catch {
    return [];
  }
}
