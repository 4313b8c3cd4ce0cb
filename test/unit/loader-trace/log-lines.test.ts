import { describe, expect, test } from 'vitest';
import { parseLogLine } from '../../../language-server/loader-trace/log-line.ts';
import { taggedLines } from '../../../language-server/loader-trace/log-lines.ts';
import { createProcessRecord } from '../../../language-server/loader-trace/process-record.ts';
import { createProgramImages } from '../../../language-server/loader-trace/program-images.ts';
import { createRecordBudget } from '../../../language-server/loader-trace/record-budget.ts';
import { encodeBytes } from '../../../language-server/native/byte-text.ts';

const lines = (text: string): readonly [number, string][] =>
  taggedLines(encodeBytes(text)).map(({ pid, text: line }) => [pid, line]);

describe('lines as glibc tags them', () => {
  test('a name with a newline in it goes on', () => {
    expect(lines('       123:\t  trying file=/a\nb/libx.so\n       123:\t\n')).toEqual([
      [123, '  trying file=/a\nb/libx.so'],
      [123, ''],
    ]);
  });

  test('a binding into which another process wrote is put together again', () => {
    const first = "       123:\tbinding file a [0] to b [0]: normal symbol `f'";
    const second = "       124:\tbinding file c [0] to d [0]: normal symbol `g' [V2]\n";
    expect(lines(`${first}${second} [V1]\n`)).toEqual([
      [123, "binding file a [0] to b [0]: normal symbol `f' [V1]"],
      [124, "binding file c [0] to d [0]: normal symbol `g' [V2]"],
    ]);
  });

  test('names that are not UTF-8 keep their bytes, and every line knows where it begins', () => {
    const bytes = Buffer.from('         1:\t  trying file=/\xff\xe9\n4194304000:\tx\n', 'latin1');
    const [first, second] = taggedLines(bytes);
    expect(first).toEqual({ pid: 1, text: '  trying file=/\udcff\udce9', at: 0 });
    expect(second).toEqual({ pid: 4_194_304_000, text: 'x', at: bytes.indexOf(10) + 1 });
  });

  test('what has no tag at all, as where lines were lost, is left out', () => {
    expect(lines('rying file=/x\n [V1]\n       123:\tx\n')).toEqual([[123, 'x']]);
  });
});

/** Each format of glibc 2.36, with names that look like parts of it. */
const formats: readonly (readonly [line: string, event: object])[] = [
  [
    'file=a [1].so [0];  needed by ./b [0]',
    { kind: 'asked', name: 'a [1].so', namespace: 0, by: './b', dynamic: false },
  ],
  ['file=a [1];  dynamically loaded by  [0]', { kind: 'asked', name: 'a', namespace: 1, by: '', dynamic: true }],
  ['file=a [0];  needed by b [0] (relocation dependency)', { kind: 'other' }],
  ['file=a [2];  generating link map', { kind: 'mapping', name: 'a', namespace: 2 }],
  ['file=a [0];  destroying link map', { kind: 'unmapped', object: 'a' }],
  ['find library=a b [0]; searching', { kind: 'search', name: 'a b', namespace: 0 }],
  [' search path=/a:/b\t\t(RUNPATH from file ./x (y))', { kind: 'place', what: 'RUNPATH', from: './x (y)' }],
  [' search path=/a\t\t(LD_LIBRARY_PATH)', { kind: 'place', what: 'LD_LIBRARY_PATH', from: null }],
  [' search cache=/etc/ld.so.cache', { kind: 'place', what: 'cache', from: '/etc/ld.so.cache' }],
  ['  trying file=/a b', { kind: 'try', path: '/a b' }],
  ['    (incompatible ELF class)', { kind: 'remark', text: 'incompatible ELF class' }],
  ["checking for version `V' in file a [0] required by file b [0]", { kind: 'version' }],
  ['relocation processing: ./a (lazy)', { kind: 'relocation', object: './a', lazy: true }],
  ['calling init: /a [0]', { kind: 'init', object: '/a' }],
  ['calling fini:  [0]', { kind: 'fini', object: '' }],
  ['transferring control: ./a', { kind: 'control', program: './a' }],
  ['opening file=./a [0]; direct_opencount=1', { kind: 'opened', object: './a' }],
  ['runtime linker statistics:', { kind: 'statistics' }],
  [
    '            time needed for relocation: 53476 cycles (27.8%)',
    { kind: 'statistic', label: 'time needed for relocation', value: 53_476 },
  ],
  ['final number of relocations: 104', { kind: 'statistic', label: 'final number of relocations', value: 104 }],
  ['symbol=f;  lookup in file=./a [0]', { kind: 'other' }],
  [
    "binding file a [0] to b to c [1]: protected symbol `operator'' [V [1]]",
    {
      kind: 'binding',
      from: 'a',
      fromNamespace: 0,
      to: 'b to c',
      toNamespace: 1,
      symbol: "operator'",
      version: 'V [1]',
    },
  ],
  [
    './a: error: symbol lookup error: undefined symbol: f, version V1 (fatal)',
    {
      kind: 'error',
      object: './a',
      occasion: 'symbol lookup error',
      message: 'undefined symbol: f, version V1',
      fatal: true,
    },
  ],
  [
    "/find: error: version lookup error: version `V' not found (required by ./a) (continued)",
    {
      kind: 'error',
      object: '/find',
      occasion: 'version lookup error',
      message: "version `V' not found (required by ./a)",
      fatal: false,
    },
  ],
];

test.each(formats)('%s', (line, event) => {
  expect(parseLogLine(line)).toEqual(event);
});

test('lines in any order, cut anywhere, are recorded without an exception', () => {
  const whole = formats.map(([line]) => `       123:\t${line}\n`).join('');
  // A simple generator, so that a failure can be had again.
  let state = 1;
  const random = (below: number): number => {
    state = (state * 48_271) % 2_147_483_647;
    return state % below;
  };
  for (let round = 0; round < 300; round += 1) {
    const pieces = Array.from({ length: 20 }, () => {
      const start = random(whole.length);
      return whole.slice(start, start + random(200));
    });
    const images = createProgramImages();
    const budget = createRecordBudget();
    const records = new Map<number, ReturnType<typeof createProcessRecord>>();
    for (const { pid, text } of taggedLines(Buffer.from(`${pieces.join('')}\n`))) {
      const event = parseLogLine(text);
      const image = images.of(123, pid, event);
      const record = records.get(image.id) ?? createProcessRecord(image, budget);
      records.set(image.id, record);
      record.add(event, { sinceMs: round, untilMs: round + 1 });
    }
    for (const record of records.values()) expect(record.finish('/').libraries).toBeInstanceOf(Array);
  }
});

describe('program images', () => {
  const start = [
    'file=libc.so.6 [0];  needed by ./a [0]',
    'runtime linker statistics:',
    'calling init: /lib/libc.so.6',
  ];
  const ofVdso =
    "binding file linux-vdso.so.1 [0] to linux-vdso.so.1 [0]: normal symbol `__vdso_clock_gettime' [LINUX_2.6]";
  const control = ['initialize program: ./a', 'transferring control: ./a'];
  const imagesOf = (lines: readonly string[]): readonly number[] => {
    const images = createProgramImages();
    return lines.map(line => images.of(1, 1, parseLogLine(line)).id);
  };

  test('begin with the symbols of the vDSO, where the loader looks for them', () => {
    const whole = [ofVdso, ...start, ...control];
    expect(imagesOf([...whole, ...whole])).toEqual([...whole.map(() => 0), ...whole.map(() => 1)]);
  });

  test('begin with what the program needs, where the C library looks for them, as up to glibc 2.30', () => {
    const whole = [...start, ofVdso, ...control];
    expect(imagesOf([...whole, ...whole])).toEqual([...whole.map(() => 0), ...whole.map(() => 1)]);
  });

  test('also of another name', () => {
    const other = ['file=libc.so.6 [0];  needed by other [0]', ...control];
    expect(imagesOf([...start, ...control, ...other])).toEqual([0, 0, 0, 0, 0, 1, 1, 1]);
  });

  test('are not begun by what is opened later', () => {
    const later = [
      'file=./libx.so [0];  dynamically loaded by ./a [0]',
      'file=./libx.so [0];  generating link map',
      'file=liby.so [0];  needed by ./libx.so [0]',
      ofVdso.replace('clock_gettime', 'time'),
    ];
    expect(new Set(imagesOf([ofVdso, ...start, ...control, ...later]))).toEqual(new Set([0]));
  });
});
