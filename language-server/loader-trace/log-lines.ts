import { decodeBytes, encodeBytes } from '../native/byte-text.ts';
import type { ByteText } from '../protocol/elf.ts';

/** A line as glibc tags it: `_dl_debug_vdprintf` of elf/dl-printf.c, ten columns for the process id, a colon and a tab. */
export interface TaggedLine {
  readonly pid: number;
  readonly text: ByteText;
  /** Where its line begins in the bytes. */
  readonly at: number;
}

const tagPattern = /^ {0,9}\d{1,10}:\t/u;
const tagLength = 12;
/** Names that hold newlines could make a line of any length out of pieces. */
const longestLine = 1 << 16;

/**
 * The tagged lines in the bytes, which end with a newline. A line without tag goes on the one before (a name with a newline in
 * it). A binding is written with two calls of write(2), between which another thread or a forked process may write: then a tag
 * stands inside of a line, and the rest of the binding on a line of its own.
 */
export function taggedLines(bytes: Uint8Array): readonly TaggedLine[] {
  const lines: TaggedLine[] = [];
  const text = decodeBytes(bytes);
  const plain = text.length === bytes.length;
  const raw = text.split('\n');
  raw.pop();
  let at = 0;
  for (const line of raw) {
    if (tagPattern.test(line)) pushTagged(lines, line, at);
    else joinToLast(lines, line);
    at += (plain ? line.length : encodeBytes(line).length) + 1;
  }
  return lines;
}

function pushTagged(lines: TaggedLine[], line: ByteText, at: number): void {
  let rest = line;
  for (;;) {
    const inner = innerTag(rest);
    const whole = inner < 0 ? rest : rest.slice(0, inner);
    lines.push({ pid: Number(whole.slice(0, tagLength - 2)), text: whole.slice(tagLength), at });
    if (inner < 0) return;
    rest = rest.slice(inner);
  }
}

/** Where a second tag begins; -1 where there is none. */
function innerTag(line: ByteText): number {
  const colon = line.indexOf(':\t', tagLength);
  if (colon < 0) return -1;
  const start = colon - (tagLength - 2);
  return start >= tagLength && tagPattern.test(line.slice(start, start + tagLength)) ? start : -1;
}

function joinToLast(lines: TaggedLine[], line: ByteText): void {
  const version = /^ \[.*\]$/su.test(line);
  // The rest of a binding belongs to the last one that has no end yet.
  const place = version
    ? lines.findLastIndex(({ text }) => text.startsWith('binding file ') && text.endsWith("'"))
    : lines.length - 1;
  const last = lines[place];
  if (last === undefined || last.text.length > longestLine) return;
  lines[place] = { ...last, text: version ? last.text + line : `${last.text}\n${line}` };
}
