import type { ByteText } from '../../protocol/elf.ts';
import { createTextWriter, type PrintOptions } from './text-writer.ts';

/** Lines of `objdump -d` on their way out. */
export interface ListingWriter {
  /** False: the limit is reached. */
  readonly line: (line: ByteText) => boolean;
  /** Lines of our own below. */
  block(lines: readonly string[]): void;
  /** Hands on what was held back for want of an instruction. */
  release(): void;
  readonly hasInstructions: boolean;
  /** Whether not even a heading was printed. */
  readonly isSilent: boolean;
}

/** `  401000:	push   %rbp`; LLVM writes a space where it shows raw bytes. */
const instruction = /^ *[0-9a-f]{1,16}:[ \t]/u;
const sectionHead = /^Disassembly of section .*:$/u;

/**
 * Holds the headings back until the first instruction comes, so that a run that shows none leaves no trace; and leaves out the
 * headings of sections that have nothing: objdump names every section with code, also where only one symbol is asked for.
 */
export function createListingWriter(options: PrintOptions): ListingWriter {
  const writer = createTextWriter(options);
  /** Before the first instruction. */
  const held: string[] = [];
  /** A section's heading and the blank lines below it, until something of the section comes. */
  let heading: string[] = [];
  let [hasInstructions, isSilent, isFull] = [false, true, false];

  const pass = (line: string): boolean => {
    if (hasInstructions) isFull ||= !writer.line(line);
    else held.push(line);
    return !isFull;
  };
  const flush = (lines: string[]): void => {
    for (const line of lines.splice(0)) pass(line);
  };
  return {
    line(line) {
      if (line !== '') isSilent = false;
      if (sectionHead.test(line)) {
        heading = [line];
        return true;
      }
      if (heading.length > 0 && line === '') {
        heading.push(line);
        return true;
      }
      flush(heading);
      if (!hasInstructions && instruction.test(line)) {
        hasInstructions = true;
        flush(held);
      }
      return pass(line);
    },
    block: lines => writer.block(lines),
    release() {
      hasInstructions = true;
      flush(held);
      flush(heading);
    },
    get hasInstructions() {
      return hasInstructions;
    },
    get isSilent() {
      return isSilent;
    },
  };
}
