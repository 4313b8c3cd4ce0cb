import type { NativeDoor } from '../native/door.ts';
import type { ByteText } from '../protocol/elf.ts';
import type { StackFrame } from '../protocol/faults.ts';
import { askAddr2line, type CodeFrame } from '../symbolize/addr2line.ts';
import { type CodeModule, readCodeModule } from '../symbolize/code-module.ts';
import type { CodePlace } from './memory-map.ts';

export interface Symbolizer {
  /** The frames of a stack, inlined ones each on its own. Where no debug information is to be had: module and offset alone. */
  frames(stack: readonly CodePlace[], signal: AbortSignal): Promise<readonly StackFrame[]>;
}

/** Asks addr2line once a place. Runs that stopped at one place have one array of frames in common: a sweep has many of them. */
export function createSymbolizer(door: NativeDoor): Symbolizer {
  const stacks = new Map<string, readonly StackFrame[]>();
  const modules = new Map<ByteText, Promise<Module>>();
  const moduleOf = (path: ByteText): Promise<Module> => {
    const known = modules.get(path);
    if (known !== undefined) return known;
    const opened = readCodeModule(path).then(code => ({ path, code, frames: new Map() }));
    modules.set(path, opened);
    return opened;
  };
  return {
    async frames(stack, signal) {
      const key = stack.map(({ module, offset }) => `${module}+${offset}`).join('\n');
      const known = stacks.get(key);
      if (known !== undefined) return known;
      const places = await Promise.all(
        stack.map(async ({ module: path, offset }) => {
          const module = await moduleOf(path);
          return { module, address: module.code?.addressOf(offset) ?? offset };
        }),
      );
      const wanted = new Map<Module, Set<bigint>>();
      for (const { module, address } of places) {
        if (!module.frames.has(address)) wanted.set(module, (wanted.get(module) ?? new Set()).add(address));
      }
      await Promise.all([...wanted].map(([module, addresses]) => ask(door, module, [...addresses], signal)));
      const frames = places.flatMap(
        ({ module, address }) => module.frames.get(address) ?? [bare(module.path, address)],
      );
      // Addresses of no file are others in each run; and what addr2line was kept from is asked again.
      if (!signal.aborted && stack.every(({ module }) => module !== '')) stacks.set(key, frames);
      return frames;
    },
  };
}

interface Module {
  readonly path: ByteText;
  /** Null where it is no ELF file that can be read: memory without a file, or a file that was replaced. */
  readonly code: CodeModule | null;
  readonly frames: Map<bigint, readonly StackFrame[]>;
}

function bare(module: ByteText, address: bigint): StackFrame {
  return { module, offset: hex(address), function: null, file: null, line: null, inlined: false };
}

async function ask(door: NativeDoor, module: Module, addresses: readonly bigint[], signal: AbortSignal): Promise<void> {
  const { code, path } = module;
  if (code === null) return;
  // Without addr2line, or where it fails, frames stay bare.
  const { frames } = await askAddr2line(door, { file: path, addresses }, signal);
  for (const [address, found] of frames) {
    const offset = hex(address);
    module.frames.set(
      address,
      found.map(frame => ({ module: path, offset, ...withTrueName(frame, code, address) })),
    );
  }
}

/** Without debug information addr2line gives the next symbol below, however far; in a stripped file that is another function. */
function withTrueName(frame: CodeFrame, code: CodeModule, address: bigint): CodeFrame {
  if (frame.function === null || frame.file !== null || code.isWithinFunction(address)) return frame;
  return { ...frame, function: null };
}

function hex(address: bigint): string {
  return `0x${address.toString(16)}`;
}
