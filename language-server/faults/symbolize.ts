import { normalize } from 'node:path';
import { decodeBytes } from '../native/byte-text.ts';
import type { NativeDoor } from '../native/door.ts';
import type { ByteText } from '../protocol/elf.ts';
import type { StackFrame } from '../protocol/faults.ts';
import { type CodeModule, readCodeModule } from './code-module.ts';
import type { CodePlace } from './memory-map.ts';

export interface Symbolizer {
  /** The frames of a stack, inlined ones each on its own. Where no debug information is to be had: module and offset alone. */
  frames(stack: readonly CodePlace[], signal: AbortSignal): Promise<readonly StackFrame[]>;
}

const deadlineMs = 60_000;
/** Addresses on one command line of addr2line. */
const batchSize = 256;

/** Asks addr2line once a place. */
export function createSymbolizer(door: NativeDoor): Symbolizer {
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
      return places.flatMap(({ module, address }) => module.frames.get(address) ?? [bare(module.path, address)]);
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
  const { code } = module;
  if (code === null) return;
  for (let start = 0; start < addresses.length; start += batchSize) {
    const batch = addresses.slice(start, start + batchSize);
    const args = ['-a', '-f', '-i', '-C', '-e', module.path, '--', ...batch.map(hex)];
    const outcome = await door.runTool('addr2line', { args, deadlineMs, signal });
    if (outcome.kind !== 'exited' || outcome.exitCode !== 0) return;
    for (const [address, frames] of parseAnswers(module.path, outcome.stdout)) {
      module.frames.set(
        address,
        frames.map(frame => withTrueName(frame, code, address)),
      );
    }
  }
}

/** Without debug information addr2line gives the next symbol below, however far; in a stripped file that is another function. */
function withTrueName(frame: StackFrame, code: CodeModule, address: bigint): StackFrame {
  if (frame.function === null || frame.file !== null || code.isWithinFunction(address)) return frame;
  return { ...frame, function: null };
}

/**
 * What `addr2line -a -f -i` prints: for each address a line with it, then two lines for each function that was inlined there
 * and two for the function itself, the innermost first.
 */
export function parseAnswers(module: ByteText, output: Uint8Array): ReadonlyMap<bigint, readonly StackFrame[]> {
  const answers = new Map<bigint, readonly StackFrame[]>();
  const blocks = decodeBytes(output).split(/^(0x[\da-f]+)\n/mu);
  for (let at = 1; at + 1 < blocks.length; at += 2) {
    const address = BigInt(blocks[at] ?? '0');
    const lines = (blocks[at + 1] ?? '').replace(/\n$/u, '').split('\n');
    const frames: StackFrame[] = [];
    for (let pair = 0; pair + 1 < lines.length; pair += 2) {
      const inlined = pair + 3 < lines.length;
      const named = lines[pair] ?? '??';
      frames.push({
        module,
        offset: hex(address),
        function: named === '??' ? null : named,
        ...sourceLine(lines[pair + 1] ?? ''),
        inlined,
      });
    }
    if (frames.length > 0) answers.set(address, frames);
  }
  return answers;
}

/** "file.c:12", "file.c:12 (discriminator 3)", "file.c:?", "??:0". */
function sourceLine(text: string): Pick<StackFrame, 'file' | 'line'> {
  const match = /^(.*):(\d+|\?)(?: \(discriminator \d+\))?$/u.exec(text);
  const file = match?.[1] ?? '??';
  const line = Number(match?.[2] ?? 0);
  return { file: file === '??' ? null : normalize(file), line: file === '??' || !(line > 0) ? null : line };
}

function hex(address: bigint): string {
  return `0x${address.toString(16)}`;
}
