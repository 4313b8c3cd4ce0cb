import type { DependencyTree } from '../../protocol/dependencies.ts';
import type { ByteText } from '../../protocol/elf.ts';
import { createAnswerMemory } from '../files/answer-memory.ts';
import { environmentFromProcess } from '../loader/environment.ts';
import { resolveTree, type TreeOptions } from './tree.ts';

/** Errors: as {@link resolveTree}. */
export type TreeMemory = (
  path: ByteText,
  options: Omit<TreeOptions, 'files'>,
  signal?: AbortSignal,
) => Promise<DependencyTree>;

/** Some hundred trees of usual programs, or a few of very large ones. */
const rememberedBytes = 48 << 20;

/**
 * Trees for those who look at the same files again and again: while everything that a tree rests on is as it was, only that is
 * asked. What a tree is made of is read anew where it has changed.
 */
export function createTreeMemory(): TreeMemory {
  const memory = createAnswerMemory<DependencyTree>(rememberedBytes, weightOf);
  return (path, { environment = environmentFromProcess(), ...options }, signal) => {
    const key = JSON.stringify([path, environment, options]);
    return memory.begin().answer(key, '', files => resolveTree(path, { ...options, environment, files }, signal));
  };
}

function weightOf({ objects, problems }: DependencyTree): number {
  let bytes = 1000 + 1500 * problems.length;
  for (const { needs, softEdges = [] } of Object.values(objects)) {
    bytes += 800;
    for (const { tried } of [...needs, ...softEdges]) bytes += 300 + 150 * tried.length;
  }
  return bytes;
}
