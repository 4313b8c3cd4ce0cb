import { createLoaderFiles } from '../dependencies/files/loader-files.ts';
import { createLinkMap, type LinkMap } from '../dependencies/loader/link-map.ts';
import { readLoaderFile } from '../dependencies/objects/read-loader-file.ts';
import type { ResolvedFile } from '../dependencies/resolve-file.ts';
import type { ByteText } from '../protocol/elf.ts';

/**
 * What a program that has been started will look for, by our rules: nobody can foresee what it opens, but where the loader then
 * looks. To be told of everything in the order in which it happens, since the loader remembers which folders are not there.
 */
export interface LaterPrediction {
  /** Every path that is tried for a name, absolute; null where nothing is known of who asks. */
  predict(by: ByteText, name: ByteText): Promise<readonly ByteText[] | null>;
  /** A library was mapped: it may ask for others. */
  mapped(path: ByteText, by: ByteText, dynamic: boolean): void;
}

/** @param program argv[0], as which the program itself asks. */
export function predictLater(resolved: ResolvedFile, program: ByteText): LaterPrediction {
  const { main, loadOrder, environment } = resolved;
  const files = createLoaderFiles(environment.cwd, null, null);
  const maps = new Map<ByteText, LinkMap>(loadOrder.map(map => [map.name === '' ? program : map.name, map]));
  maps.set(program, main);

  const open = (path: ByteText, loader: LinkMap | null): LinkMap | null => {
    const file = files.status(path);
    const read = file.kind === 'file' ? readLoaderFile(file) : null;
    if (file.kind !== 'file' || read?.kind !== 'elf' || read.object === null) return null;
    const place = { name: path, shownPath: files.shown(path), origin: files.origin(path), loader };
    const map = createLinkMap('library', { header: read.header, object: read.object, file }, place);
    maps.set(path, map);
    return map;
  };

  return {
    async predict(by, name) {
      // What a parent had opened before it forked was not told here.
      const requester = maps.get(by) ?? open(by, null);
      if (requester === null) return null;
      const { tried, path, found } = await resolved.locate(requester, name);
      // What has the name already would not be looked for.
      if (tried.length === 0 && found !== null && !name.includes('/')) return [];
      const attempts = tried.map(candidate => candidate.path);
      return path === null ? attempts : [...attempts, path];
    },
    mapped(path, by, dynamic) {
      if (maps.has(path)) return;
      // What dlopen(3) maps has no loader whose RPATH would hold for it (`_dl_map_object`, __RTLD_CALLMAP).
      open(path, dynamic ? null : (maps.get(by) ?? null));
    },
  };
}
