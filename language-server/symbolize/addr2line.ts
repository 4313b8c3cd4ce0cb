import { normalize } from 'node:path';
import { decodeBytes } from '../native/byte-text.ts';
import type { NativeDoor, RunOutcome } from '../native/door.ts';
import type { ByteText } from '../protocol/elf.ts';

/** One of the functions at an address, as addr2line tells it. */
export interface CodeFrame {
  /** Demangled. */
  readonly function: ByteText | null;
  /** As the compiler had it, with its working folder before it where that was given; null: not known. */
  readonly file: ByteText | null;
  /** From 1. */
  readonly line: number | null;
  /** Whether it was inlined into the function of the next frame. */
  readonly inlined: boolean;
}

/** By address; of each the innermost function first. */
export type CodeFrames = ReadonlyMap<bigint, readonly CodeFrame[]>;

export interface AddressQuestion {
  /** The file with the debug information. */
  readonly file: ByteText;
  readonly addresses: readonly bigint[];
  /** Addresses are offsets in the section of this name, as in relocatable files. */
  readonly section?: ByteText;
}

const deadlineMs = 60_000;
/** Addresses on one command line of addr2line. */
const batchSize = 256;

export type AddressAnswer =
  | { readonly kind: 'answered'; readonly frames: CodeFrames }
  /** How the first run that did not succeed ended; with the frames that were known by then. */
  | { readonly kind: 'failed'; readonly outcome: RunOutcome; readonly frames: CodeFrames };

/** Asks addr2line for the functions and lines at addresses. Reads only debug information, and runs nothing of the file. */
export async function askAddr2line(
  door: NativeDoor,
  question: AddressQuestion,
  signal: AbortSignal | undefined,
): Promise<AddressAnswer> {
  const frames = new Map<bigint, readonly CodeFrame[]>();
  for (let start = 0; start < question.addresses.length; start += batchSize) {
    const args = addr2lineArguments({ ...question, addresses: question.addresses.slice(start, start + batchSize) });
    const outcome = await door.runTool('addr2line', { args, deadlineMs, ...(signal === undefined ? {} : { signal }) });
    if (outcome.kind !== 'exited' || outcome.exitCode !== 0) return { kind: 'failed', outcome, frames };
    for (const [address, found] of parseAnswers(outcome.stdout)) frames.set(address, found);
  }
  return { kind: 'answered', frames };
}

export function addr2lineArguments({ file, addresses, section }: AddressQuestion): readonly ByteText[] {
  const place = section === undefined ? [] : ['-j', section];
  // Behind "--", nothing is an option.
  return ['-a', '-f', '-i', '-C', ...place, '-e', file, '--', ...addresses.map(address => `0x${address.toString(16)}`)];
}

/**
 * What `addr2line -a -f -i` prints: for each address a line with it, then two lines for each function that was inlined there
 * and two for the function itself, the innermost first.
 */
export function parseAnswers(output: Uint8Array): CodeFrames {
  const answers = new Map<bigint, readonly CodeFrame[]>();
  const blocks = decodeBytes(output).split(/^(0x[\da-f]+)\n/mu);
  for (let at = 1; at + 1 < blocks.length; at += 2) {
    const address = BigInt(blocks[at] ?? '0');
    const lines = (blocks[at + 1] ?? '').replace(/\n$/u, '').split('\n');
    const frames: CodeFrame[] = [];
    for (let pair = 0; pair + 1 < lines.length; pair += 2) {
      const inlined = pair + 3 < lines.length;
      const named = lines[pair] ?? '??';
      frames.push({ function: named === '??' ? null : named, ...sourceLine(lines[pair + 1] ?? ''), inlined });
    }
    if (frames.length > 0) answers.set(address, frames);
  }
  return answers;
}

/** "file.c:12", "file.c:12 (discriminator 3)", "file.c:?", "??:0". */
function sourceLine(text: string): Pick<CodeFrame, 'file' | 'line'> {
  const match = /^(.*):(\d+|\?)(?: \(discriminator \d+\))?$/u.exec(text);
  const file = match?.[1] ?? '??';
  const line = Number(match?.[2] ?? 0);
  return { file: file === '??' ? null : normalize(file), line: file === '??' || !(line > 0) ? null : line };
}
