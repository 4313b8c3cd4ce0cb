/**
 * What programs print about their own death, where they do not let the signal through: compilers, language run-times and libraries
 * with handlers of their own.
 */
interface OwnReport {
  readonly verdict: 'crash' | 'abort';
  readonly pattern: RegExp;
}

const reports: readonly OwnReport[] = [
  // GCC (diagnostic.cc, internal_error) and its driver, of the compiler that it started; Clang's crash reporter.
  { verdict: 'crash', pattern: /internal compiler error|PLEASE submit a bug report to/u },
  // Python's faulthandler and Py_FatalError (pylifecycle.c).
  {
    verdict: 'crash',
    pattern: /^Fatal Python error: (?:Segmentation fault|Bus error|Floating-point exception|Illegal)/mu,
  },
  { verdict: 'abort', pattern: /^Fatal Python error: /mu },
  // Rust's panic hook (exit status 101), and handle_alloc_error.
  { verdict: 'abort', pattern: /^(?:thread '.*' (?:\(\d+\) )?panicked at |memory allocation of \d+ bytes failed)/mu },
  // Go's run-time (exit status 2): what it says, then the goroutines.
  { verdict: 'abort', pattern: /^(?:panic: |fatal error: )[\s\S]*^goroutine \d+ /mu },
  // GLib's g_error, which g_malloc calls; it ends in SIGTRAP or SIGABRT.
  { verdict: 'abort', pattern: /^(?:\(.*\): )?\S*-?ERROR \*\*: /mu },
  // libstdc++ and libc++abi; assert(3).
  { verdict: 'abort', pattern: /^(?:libc\+\+abi: terminating|terminate called )/mu },
  { verdict: 'abort', pattern: /Assertion [`'].*' failed\.?/u },
];

/** What a program says of its own death, beside what it says in the clean run; undefined: nothing. */
export function ownReport(words: Uint8Array, usual: Uint8Array): OwnReport['verdict'] | undefined {
  const [text, before] = [textOf(words), textOf(usual)];
  return reports.find(({ pattern }) => pattern.test(text) && !pattern.test(before))?.verdict;
}

/** The line of the report. */
export function ownReportLine(words: Uint8Array): string | undefined {
  const text = textOf(words);
  const start = reports.map(({ pattern }) => text.search(pattern)).find(place => place >= 0);
  if (start === undefined) return undefined;
  const end = text.indexOf('\n', start);
  return text.slice(text.lastIndexOf('\n', start) + 1, end < 0 ? undefined : end).trim();
}

function textOf(words: Uint8Array): string {
  return Buffer.from(words.buffer, words.byteOffset, words.length).toString('utf8');
}
