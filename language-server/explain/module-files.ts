import type { ByteText } from '../protocol/elf.ts';
import { namedFile } from './loading.ts';
import { modulesAround } from './traceback.ts';
import type { World } from './world.ts';

/** Extension modules of a name beside the source files of the traceback, and in the folders at hand. */
export function moduleFiles(world: World, module: string, before: string): readonly ByteText[] {
  const isModule = (name: ByteText): boolean =>
    name.endsWith('.so') && name.slice(0, Math.max(0, name.indexOf('.'))) === module;
  const around = modulesAround(before).filter(path => isModule(path.slice(path.lastIndexOf('/') + 1)));
  return [...new Set([...around, ...world.findByName(isModule)])].flatMap(path => namedFile(world, path).path ?? []);
}
