import type { StackFrame } from '../protocol/faults.ts';

/**
 * The beginning of a report of the sanitizers' run-time libraries (compiler-rt and GCC's libsanitizer): Address-, Leak-,
 * Memory- and HWAddressSanitizer print "==PID==ERROR: NAME: ", ThreadSanitizer "WARNING: ThreadSanitizer: ", and
 * UndefinedBehaviorSanitizer "FILE:LINE:COLUMN: runtime error: ".
 */
const reportStart = /^(?:==\d+== ?(?:ERROR|WARNING): \w+Sanitizer|WARNING: ThreadSanitizer)|: runtime error: /mu;

/** "    #0 0x55d0 in main /src/app.c:12:3", "    #1 work app.c:4 (app+0x1234)", "    #2 0x7f00  (/lib/libc.so.6+0x2724a)" */
const frameLine = /^\s+#(\d+) (?:0x[\da-f]+\s+)?(?:in )?(.*)$/u;
const runtimeError = /^(.*?):(\d+):\d+: runtime error: /u;

export function hasSanitizerReport(words: Uint8Array): boolean {
  return reportStart.test(textOf(words));
}

/** The line that says what was found. */
export function sanitizerHeadline(words: Uint8Array): string {
  const line = textOf(words)
    .split('\n')
    .find(candidate => reportStart.test(candidate));
  return (line ?? '').replace(/^==\d+== ?/u, '').trim();
}

/**
 * The first stack of the first report, as the sanitizer itself has looked it up, innermost first. UndefinedBehaviorSanitizer
 * names a single place, unless it was told to print stacks (UBSAN_OPTIONS=print_stacktrace=1).
 */
export function reportStack(words: Uint8Array): readonly StackFrame[] {
  const lines = textOf(words).split('\n');
  const start = lines.findIndex(line => reportStart.test(line));
  if (start < 0) return [];
  const frames: StackFrame[] = [];
  for (const line of lines.slice(start + 1)) {
    const [, number, rest] = frameLine.exec(line) ?? [];
    if (number === undefined || rest === undefined) {
      if (frames.length > 0) break;
      continue;
    }
    if (Number(number) !== frames.length) break;
    frames.push(frameOf(rest));
  }
  if (frames.length > 0) return frames;
  const [, file, line] = runtimeError.exec(lines[start] ?? '') ?? [];
  if (file === undefined) return [];
  return [{ module: '', offset: '0x0', function: null, file, line: Number(line), inlined: false }];
}

function frameOf(text: string): StackFrame {
  const [, before = text, module = '', offset = '0x0'] =
    /^(.*?)\s*\((.*)\+(0x[\da-f]+)\)(?: \(BuildId: .*\))?$/u.exec(text) ?? [];
  const [, named = before, file, line] = /^(.*?)\s*(\S+?):(\d+)(?::\d+)?$/u.exec(before.trim()) ?? [];
  const place = { file: file ?? null, line: line === undefined ? null : Number(line) };
  return { module, offset, function: named.trim() === '' ? null : named.trim(), ...place, inlined: false };
}

function textOf(words: Uint8Array): string {
  return Buffer.from(words.buffer, words.byteOffset, words.length).toString('latin1');
}
