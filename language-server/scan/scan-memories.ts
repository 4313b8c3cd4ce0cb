import { LRUCache } from 'lru-cache';
import { environmentFromProcess } from '../dependencies/loader/environment.ts';
import type { ByteText } from '../protocol/elf.ts';
import { createFolderMemory } from './folder-memory.ts';
import { createResolutionMemory, type ResolutionMemory } from './resolution-memory.ts';
import type { ScanMemory, ScanOptions } from './scan-files.ts';

/** Gives each question the memory of the last one like it. */
export type ScanMemories = (paths: readonly ByteText[], options: ScanOptions) => ScanMemory;

/** A window asks about its workspace, and perhaps about a sysroot or the system. */
const rememberedQuestions = 2;
/** Enough for some 50,000 folders. */
const folderBytes = 48 << 20;

/** For a server that is asked again: memory of folders by what is scanned and left out, of resolutions by what they depend on. */
export function createScanMemories(): ScanMemories {
  const folders = new LRUCache<string, ReturnType<typeof createFolderMemory>>({ max: rememberedQuestions });
  const resolutions = new LRUCache<string, ResolutionMemory>({ max: rememberedQuestions });
  return (paths, { exclude = [], signal: _signal, onStep: _onStep, memory: _memory, shard: _shard, ...options }) => {
    const environment = options.environment ?? environmentFromProcess();
    return {
      folders: remembered(folders, JSON.stringify([paths, exclude]), () => createFolderMemory(folderBytes)),
      resolutions: remembered(resolutions, JSON.stringify([options, environment]), createResolutionMemory),
    };
  };
}

function remembered<Memory extends object>(
  memories: LRUCache<string, Memory>,
  key: string,
  create: () => Memory,
): Memory {
  const memory = memories.get(key) ?? create();
  memories.set(key, memory);
  return memory;
}
