/** Which texts count, as `strings` has it. */
export interface TextRules {
  /** In characters. */
  readonly minimumLength: number;
  readonly encoding: 'ascii' | 'utf-8';
}

/** Told of each text: where it begins and how many bytes it has. False ends the search. */
export type TextSink = (offset: number, sizeBytes: number) => boolean;

/** A text that the bytes before ended in the middle of. */
export interface OpenRun {
  /** Offset in the file; -1: there is none. */
  start: number;
  characters: number;
}

/** Printable characters of ASCII and the tab (binutils `strings.c`, STRING_ISGRAPHIC). */
const printable = Uint8Array.from({ length: 256 }, (_, byte) => ((byte >= 0x20 && byte <= 0x7e) || byte === 9 ? 1 : 0));

export function noRun(): OpenRun {
  return { start: -1, characters: 0 };
}

/**
 * Finds the texts of one piece of a file; one that goes on beyond it stays in `run`.
 * @param base Offset of the piece in the file.
 * @param isLast Nothing comes behind it: what is open ends here.
 * @returns How many bytes were looked at: fewer than there are where a character goes on beyond the piece; -1 where the sink
 * wants no more.
 */
export function findRuns(
  bytes: Buffer,
  base: number,
  rules: TextRules,
  run: OpenRun,
  isLast: boolean,
  sink: TextSink,
): number {
  const used =
    rules.encoding === 'ascii'
      ? asciiRuns(bytes, base, rules, run, sink)
      : utf8Runs(bytes, base, rules, run, isLast, sink);
  if (used < 0 || !isLast || run.start < 0) return used;
  return end(base + used, rules, run, sink) ? used : -1;
}

function asciiRuns(bytes: Buffer, base: number, rules: TextRules, run: OpenRun, sink: TextSink): number {
  const { length } = bytes;
  for (let at = 0; at < length; ) {
    const from = at;
    if (run.start < 0) {
      while (at < length && printable[bytes[at] ?? 0] === 0) at += 1;
      if (at === length) break;
      run.start = base + at;
      run.characters = 0;
    }
    const first = run.start < base + from ? from : run.start - base;
    at = first;
    while (at < length && printable[bytes[at] ?? 0] === 1) at += 1;
    run.characters += at - first;
    if (at < length && !end(base + at, rules, run, sink)) return -1;
  }
  return length;
}

function utf8Runs(
  bytes: Buffer,
  base: number,
  rules: TextRules,
  run: OpenRun,
  isLast: boolean,
  sink: TextSink,
): number {
  const { length } = bytes;
  let at = 0;
  while (at < length) {
    if (!isLast && at + expectedBytes(bytes[at] ?? 0) > length) return at;
    const size = characterBytes(bytes, at);
    if (size > 0) {
      if (run.start < 0) {
        run.start = base + at;
        run.characters = 0;
      }
      run.characters += 1;
    } else if (run.start >= 0 && !end(base + at, rules, run, sink)) return -1;
    at += Math.max(1, size);
  }
  return at;
}

/** How many bytes a character has that begins like this, where it is one of several bytes. */
function expectedBytes(lead: number): number {
  if (lead < 0xc2) return 1;
  return lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
}

/** Length of the printable character at `at`; 0 where there is none. */
function characterBytes(bytes: Buffer, at: number): number {
  const lead = bytes[at] ?? 0;
  return lead < 0xc2 ? (printable[lead] ?? 0) : sequenceBytes(bytes, at);
}

/** False where the sink wants no more. */
function end(offset: number, { minimumLength }: TextRules, run: OpenRun, sink: TextSink): boolean {
  const { start, characters } = run;
  run.start = -1;
  return characters < minimumLength || sink(start, offset - start);
}

/** Length of the character of more than one byte at `at` (RFC 3629); 0 where there is none. */
function sequenceBytes(bytes: Buffer, at: number): number {
  const [lead = 0, second = 0, third = 0, fourth = 0] = [bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]];
  const follows = (byte: number): boolean => (byte & 0xc0) === 0x80;
  if (!follows(second)) return 0;
  if (lead < 0xe0) return 2;
  if (!follows(third)) return 0;
  if (lead < 0xf0) {
    const isLonger = lead === 0xe0 && second < 0xa0;
    const isSurrogate = lead === 0xed && second >= 0xa0;
    return isLonger || isSurrogate ? 0 : 3;
  }
  const isOutside = (lead === 0xf0 && second < 0x90) || (lead === 0xf4 && second >= 0x90) || lead > 0xf4;
  return isOutside || !follows(fourth) ? 0 : 4;
}
