import { readFile } from 'node:fs/promises';
import { osPath } from '../native/byte-text.ts';
import type { ByteText } from '../protocol/elf.ts';
import type { FaultGroup, StackFrame } from '../protocol/faults.ts';

/** Larger ones are made by programs, and not for people to read. */
const largestBytes = 16 << 20;
const longestLine = 400;

/** Puts the text of each frame's source line into the groups, where the file is still there. */
export async function withSourceLines(groups: readonly FaultGroup[]): Promise<readonly FaultGroup[]> {
  const files = new Map<ByteText, readonly string[]>();
  const linesOf = async (path: ByteText): Promise<readonly string[]> => {
    const known = files.get(path);
    if (known !== undefined) return known;
    const bytes = await readFile(osPath(path)).catch(() => Buffer.alloc(0));
    const lines = bytes.length > largestBytes ? [] : bytes.toString('utf8').split(/\r?\n/u);
    files.set(path, lines);
    return lines;
  };
  const frame = async (one: StackFrame): Promise<StackFrame> => {
    if (one.file === null || one.line === null || !one.file.startsWith('/')) return one;
    const text = (await linesOf(one.file))[one.line - 1];
    return text === undefined ? one : { ...one, source: text.slice(0, longestLine) };
  };
  return await Promise.all(
    groups.map(async group => ({
      ...group,
      injectedStack: await Promise.all(group.injectedStack.map(frame)),
      crashStack: await Promise.all(group.crashStack.map(frame)),
    })),
  );
}
