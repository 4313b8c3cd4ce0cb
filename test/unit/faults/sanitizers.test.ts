import { spawnSync } from 'node:child_process';
import { basename } from 'node:path';
import { describe, expect, test } from 'vitest';
import {
  hasSanitizerReport,
  reportStack,
  sanitizerHeadline,
} from '../../../language-server/faults/sanitizer-report.ts';
import { faultsFixture, markedLine, runOf } from '../../support/faults-fixture.ts';

const { compile, sweep } = faultsFixture();
const lineOf = (marker: string): string => `sanitized.c:${markedLine('sanitized.c', marker)}`;

/** The sanitizers' own words, from programs that the real ones are built into. */
describe('a report', () => {
  test.each([
    ['address', 'freed', {}, /^ERROR: AddressSanitizer: heap-use-after-free/u, 'use_after_free', 'freed'],
    ['address', 'lost', {}, /^ERROR: LeakSanitizer: detected memory leaks/u, undefined, 'lost'],
    ['leak', 'lost', {}, /^ERROR: LeakSanitizer: detected memory leaks/u, undefined, 'lost'],
    ['thread', 'race', {}, /^WARNING: ThreadSanitizer: data race/u, 'race', 'race'],
    ['undefined', 'overflow', {}, /runtime error: signed integer overflow/u, null, 'overflow'],
    [
      'undefined',
      'overflow',
      { UBSAN_OPTIONS: 'print_stacktrace=1' },
      /runtime error: signed integer overflow/u,
      'overflow',
      'overflow',
    ],
  ] as const)('of %s (%s, %o) is known, with its place', (sanitizer, what, options, headline, name, marker) => {
    const program = compile('sanitized.c', [`-fsanitize=${sanitizer}`], `${sanitizer}-${what}`);
    const { stderr } = spawnSync(program, [what], { env: { ...process.env, ...options } });
    expect(hasSanitizerReport(stderr), stderr.toString()).toBe(true);
    expect(sanitizerHeadline(stderr)).toMatch(headline);
    const places = reportStack(stderr).map(frame => [frame.function, `${basename(frame.file ?? '')}:${frame.line}`]);
    expect(places.map(([, place]) => place)).toContain(lineOf(marker));
    if (name !== undefined) expect(places[0]?.[0]).toBe(name);
  });

  test('of another kind is none', () => {
    for (const words of ['', 'error: runtime trouble\n', 'WARNING: Thread\n']) {
      expect([hasSanitizerReport(Buffer.from(words)), reportStack(Buffer.from(words))]).toEqual([false, []]);
    }
  });

  test("of Clang's MemorySanitizer has its words too", () => {
    // As compiler-rt prints it; GCC has no MemorySanitizer.
    const words = Buffer.from(
      [
        '==12==WARNING: MemorySanitizer: use-of-uninitialized-value',
        '    #0 0x55d0c8a01234 in use_uninitialized /src/sanitized.c:33:7',
        '    #1 0x7f0000000010  (/lib/x86_64-linux-gnu/libc.so.6+0x2724a) (BuildId: 51657f818beb1ae70372216a99b7412b8a100a20)',
        '',
        'SUMMARY: MemorySanitizer: use-of-uninitialized-value /src/sanitized.c:33:7 in use_uninitialized',
      ].join('\n'),
    );
    expect(reportStack(words)).toEqual([
      { module: '', offset: '0x0', function: 'use_uninitialized', file: '/src/sanitized.c', line: 33, inlined: false },
      {
        module: '/lib/x86_64-linux-gnu/libc.so.6',
        offset: '0x2724a',
        function: null,
        file: null,
        line: null,
        inlined: false,
      },
    ]);
  });
});

test('a program with UndefinedBehaviorSanitizer has a report only where the allocation fails', async () => {
  const program = compile('sanitized.c', ['-fsanitize=undefined'], 'undefined-null');
  const swept = await sweep([program, 'null']);
  const n = swept.clean.allocations - 1;
  const run = runOf(swept, n);
  expect(run).toMatchObject({ verdict: 'sanitizer', signal: null });
  expect(run.message).toContain('runtime error: signed integer overflow');
  expect(basename(run.crashStack[0]?.file ?? '')).toBe('sanitized.c');
  const group = swept.groups.find(({ verdict }) => verdict === 'sanitizer');
  expect(group?.crashStack[0]?.line).toBe(markedLine('sanitized.c', 'overflow'));
  expect(group?.crashStack[0]?.source).toContain('/* overflow */');
});

test('what the clean run reports already is no news', async () => {
  const program = compile('sanitized.c', ['-fsanitize=undefined'], 'undefined-overflow');
  const swept = await sweep([program, 'overflow']);
  expect(swept.verdicts.sanitizer).toBe(0);
});
