import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { analyseSource } from '../../../language-server/cython/bridge/analyse-source.ts';
import type { BridgeSource, CythonBridge } from '../../../language-server/cython/bridge/bridge.ts';
import { never, pyx, systemPython, testedBridge } from '../../support/cython-bridge.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const shared = testedBridge();

/** The casts of a source: `line:character target <- operand`, the operand as a person writes it, or what kind of type it is. */
async function castsOf(bridge: CythonBridge, source: BridgeSource): Promise<readonly string[]> {
  const { broken: _, ...rest } = source;
  const answer = await analyseSource(bridge, rest, never);
  if (answer.kind === 'none') throw new Error(answer.message);
  const { types } = answer.value;
  return source.text
    .split('\n')
    .flatMap((line, number) =>
      [...line.matchAll(/</gu)].flatMap(({ index }) =>
        types
          .castsAt(number, index)
          .map(
            ({ targetText, operand, operandText }) =>
              `${number}:${index} ${targetText} <- ${operandText || operand.kind}`,
          ),
      ),
    );
}

describe('the types of casts', () => {
  test('are those that the compiler has', async () => {
    const text = [
      'def f(a, size_t b, bytes c, list d):',
      '    x = 5',
      '    p = <void*>a',
      '    p = <void*>b',
      '    p = <void*>c',
      '    p = <void*>x',
      '    return <size_t>a',
    ].join('\n');
    expect(await castsOf(shared.bridge, pyx(text))).toEqual([
      '2:8 void * <- object',
      '3:8 void * <- size_t',
      '4:8 void * <- bytes object',
      '5:8 void * <- long',
      '6:11 size_t <- object',
    ]);
  });

  test('stand at UTF-16 units, after tabs, line ends of all kinds and a mark', async () => {
    const text = '\ufeffdef f(a):\r\n\ts = "🕵é"; p = <void*>a\r\n\tq = <void*>s\r\n';
    const answer = await analyseSource(shared.bridge, pyx(text), never);
    if (answer.kind === 'none') throw new Error(answer.message);
    expect(answer.value.types.castsAt(1, '\ts = "🕵é"; p = '.length)).toHaveLength(1);
    expect(answer.value.types.castsAt(2, 5)).toHaveLength(1);
  });

  test('are of each specialisation of a fused type', async () => {
    const text = 'cdef fused T:\n    int\n    object\ncdef f(T x):\n    p = <void*>x\n';
    expect(new Set(await castsOf(shared.bridge, pyx(text)))).toEqual(
      new Set(['4:8 void * <- int', '4:8 void * <- object']),
    );
  });
});

describe('what is not known', () => {
  test.each([
    [
      'a value of a module that is not there',
      'from missing cimport make\ndef f():\n    x = make()\n    p = <void*>x\n',
    ],
    ['an attribute of it', 'cimport missing\ndef f():\n    x = missing.y\n    p = <void*>x\n'],
    ['what is worked out of it', 'from missing cimport N\ndef f(a):\n    x = N + 1\n    y = x\n    p = <void*>y\n'],
    ['one of two values', 'from missing cimport N\ndef f(a):\n    x = 1\n    if a:\n        x = N\n    p = <void*>x\n'],
    ['a name of an include that is not there', 'include "missing.pxi"\ndef f():\n    p = <void*>thing\n'],
    ['a name of a star', 'from missing cimport *\ndef f():\n    p = <void*>thing\n'],
    [
      'an attribute of a base',
      'from missing cimport B\ncdef class A(B):\n    def f(self):\n        p = <void*>self.x\n',
    ],
    ['a name of a line that cannot be read', 'def f():\n    cdef size_t x = = 3\n    p = <void*>x\n'],
  ])('%s', async (_, text) => {
    expect((await castsOf(shared.bridge, pyx(text))).map(line => line.replace(/^\S+ /u, ''))).toEqual([
      'void * <- unknown',
    ]);
  });

  test('leaves what has no part of it known', async () => {
    const text =
      'from missing cimport N, T\ndef f(a, T t, size_t n):\n    p = <void*>a\n    p = <void*>n\n    p = <void*><size_t>N\n';
    expect(await castsOf(shared.bridge, pyx(text))).toEqual([
      '2:8 void * <- object',
      '3:8 void * <- size_t',
      '4:8 void * <- size_t',
      '4:15 size_t <- unknown',
    ]);
  });
});

test('half-typed lines silence themselves only', async () => {
  const text = [
    'def f(a):',
    '    b = a.',
    '    p = <void*>a',
    'def g(size_t c:',
    '    p = <void*>c',
    'class K(:',
    '    def h(self, bytes d):',
    '        p = <void*>d',
    '    x = (1,',
  ].join('\n');
  expect(await castsOf(shared.bridge, pyx(text))).toEqual(['2:8 void * <- unknown', '7:12 void * <- bytes object']);
});

test('declarations come from folders, from packages and from the editor', async () => {
  const folder = temporaryFolder();
  mkdirSync(join(folder, 'lib/inner'), { recursive: true });
  writeFileSync(join(folder, 'lib/one.pxd'), 'cdef size_t number\n');
  writeFileSync(join(folder, 'lib/inner/__init__.py'), 'raise SystemExit("never run")\n');
  writeFileSync(join(folder, 'lib/inner/two.pxd'), 'cdef object thing\n');
  const text = 'from one cimport number\nfrom inner.two cimport thing\np = <void*>number\nq = <void*>thing\n';
  const source = pyx(text, { path: join(folder, 'module.pyx'), includePath: [join(folder, 'lib')] });
  expect(await castsOf(shared.bridge, source)).toEqual(['2:4 void * <- size_t', '3:4 void * <- object']);
  writeFileSync(join(folder, 'lib/one.pxd'), 'cdef object number\n');
  expect((await castsOf(shared.bridge, source))[0]).toBe('2:4 void * <- object');
  const texts = { [join(folder, 'lib/one.pxd')]: 'cdef bytes number\n' };
  expect((await castsOf(shared.bridge, { ...source, texts }))[0]).toBe('2:4 void * <- bytes object');
  expect((await castsOf(shared.bridge, source))[0]).toBe('2:4 void * <- object');
});

test('what one source declares is not seen from the next', async () => {
  const folder = temporaryFolder();
  writeFileSync(join(folder, 'a.pxd'), 'cdef class A:\n    cdef size_t number\n');
  const a = 'cdef class A:\n    cdef f(self):\n        p = <void*>self.number\n';
  const b = 'from a cimport A, late\ndef g(A x):\n    p = <void*>x.number\n    q = <void*>late\n';
  const first = pyx(a, { path: join(folder, 'a.pyx'), includePath: [folder] });
  const late = { ...first, text: `${a}cdef size_t late\n` };
  const second = pyx(b, { path: join(folder, 'b.pyx'), includePath: [folder] });
  const expected = ['2:8 void * <- size_t', '3:8 void * <- unknown'];
  expect(await castsOf(shared.bridge, second)).toEqual(expected);
  expect(await castsOf(shared.bridge, late)).toEqual(['2:12 void * <- size_t']);
  expect(await castsOf(shared.bridge, second)).toEqual(expected);
  expect(shared.started()).toHaveLength(1);
});

test('a module of the person is never run, whatever it is called', async () => {
  const folder = temporaryFolder();
  const mark = join(folder, 'ran');
  for (const name of [
    'json.py',
    'Cython.py',
    'cython.py',
    'sitecustomize.py',
    'setup.py',
    'numpy.py',
    'questions.py',
  ]) {
    writeFileSync(join(folder, name), `open(${JSON.stringify(mark)}, "w")\n`);
  }
  const before = process.cwd();
  process.chdir(folder);
  try {
    const { bridge } = testedBridge();
    const source = pyx('cimport numpy\nimport json\np = <void*>json\n', {
      path: join(folder, 'module.pyx'),
      includePath: [folder],
    });
    expect(await castsOf(bridge, source)).toEqual(['2:4 void * <- object']);
  } finally {
    process.chdir(before);
  }
  expect(() => writeFileSync(mark, '', { flag: 'wx' })).not.toThrow();
});

test('the type of a name', async () => {
  const source = pyx('def f(a, size_t b):\n    x = b\n    y = [a]\n    return x, y, a\n');
  const typeAt = async (line: number, character: number): Promise<string | null> => {
    const answer = await shared.bridge.typeAt(source, line, character, never);
    if (answer.kind === 'none') throw new Error(answer.message);
    return answer.value;
  };
  expect([await typeAt(3, 11), await typeAt(3, 14), await typeAt(3, 17), await typeAt(3, 4)]).toEqual([
    'size_t',
    'list object',
    'object',
    null,
  ]);
});

/** A program that is given out for an interpreter. */
function interpreter(script: string): string {
  const path = join(temporaryFolder(), 'python');
  writeFileSync(path, `#!/bin/sh\n${script}\n`);
  chmodSync(path, 0o755);
  return path;
}

const some = pyx('def f(a):\n    p = <void*>a\n');
const deadlines = { helloMs: 1500, analyseMs: 1500, generateMs: 1500 };

describe('an interpreter that is none', () => {
  test.each([
    ['is not there', '/nowhere/python', /\/nowhere\/python/u],
    ['prints garbage', interpreter('while :; do echo garbage; done'), /no answer of our program/u],
    [
      'prints a line without end',
      interpreter('exec tr "\\0" x </dev/zero'),
      /did not answer|no answer of our program/u,
    ],
    ['says nothing', interpreter('sleep 1000'), /did not answer within/u],
    ['ends at once', interpreter('echo oh >&2; exit 3'), /status 3: oh/u],
    ['says something else in JSON', interpreter('echo "{}"; sleep 1000'), /no answer of our program/u],
  ])('%s', async (_, python, message) => {
    const { bridge } = testedBridge({ python: () => python, deadlines });
    const answer = await bridge.analyse(some, never);
    expect(answer).toMatchObject({ kind: 'none', message: expect.stringMatching(message) });
    expect(bridge.state().kind).toBe('missing');
    // It is not started again and again.
    expect(await bridge.analyse(some, never)).toEqual(answer);
  });

  test('has no Cython', async () => {
    const folder = temporaryFolder();
    mkdirSync(join(folder, 'bin'));
    symlinkSync(systemPython, join(folder, 'bin/python'));
    writeFileSync(join(folder, 'pyvenv.cfg'), 'home = /usr/bin\ninclude-system-site-packages = false\n');
    const { bridge, log } = testedBridge({ python: () => join(folder, 'bin/python') });
    expect(await bridge.analyse(some, never)).toMatchObject({
      kind: 'none',
      message: expect.stringContaining('has no package Cython'),
      remedy: expect.stringContaining('cython3'),
    });
    expect(log.join()).toContain('cython3');
  });

  test('answers garbage after it has been greeted', async () => {
    const hello = '{"hello":{"python":"3.11","cython":"3.0","searched":[]}}';
    const { bridge } = testedBridge({
      python: () => interpreter(`echo '${hello}'; read x; echo nonsense; sleep 1000`),
    });
    expect(await bridge.analyse(some, never)).toMatchObject({
      kind: 'none',
      message: expect.stringContaining('no answer'),
    });
  });

  test('hangs over a question', async () => {
    const hello = '{"hello":{"python":"3.11","cython":"3.0","searched":[]}}';
    const python = interpreter(`echo '${hello}'; sleep 1000`);
    const { bridge } = testedBridge({ python: () => python, deadlines });
    expect(await bridge.analyse(some, never)).toMatchObject({
      kind: 'none',
      message: expect.stringContaining('within'),
    });
  });
});

describe('a bridge that dies', () => {
  const hello = '{"hello":{"python":"3.11","cython":"3.0","searched":[]}}';

  test('is started again, and left alone after the fourth time', async () => {
    const python = interpreter(`echo '${hello}'; read x; kill -9 $$`);
    const { bridge, log, states, started } = testedBridge({ python: () => python });
    for (let death = 1; death <= 4; death += 1) {
      expect(await bridge.analyse(some, never)).toMatchObject({ message: expect.stringContaining('SIGKILL') });
    }
    expect(bridge.state()).toMatchObject({ kind: 'failed', message: expect.stringContaining('4 times') });
    expect(await bridge.analyse(some, never)).toMatchObject({ message: expect.stringContaining('left alone') });
    expect(started()).toHaveLength(4);
    expect(log.filter(line => line.includes('died'))).toHaveLength(4);
    expect(states.at(-1)).toBe('failed');
    bridge.reset();
    await bridge.analyse(some, never);
    expect(started()).toHaveLength(5);
  });

  test('answers the next question', async () => {
    const { bridge, started } = testedBridge();
    expect(await castsOf(bridge, some)).toHaveLength(1);
    const stop = new AbortController();
    // Too deep to be finished before it is cancelled.
    const heavy = pyx(`x = ${'('.repeat(900)}1${')'.repeat(900)}\n`.repeat(300));
    const answer = bridge.analyse(heavy, stop.signal);
    stop.abort();
    await expect(answer).rejects.toThrow();
    expect(await castsOf(bridge, some)).toHaveLength(1);
    expect(started().length).toBeGreaterThanOrEqual(1);
  });
});

test('nothing is started in a workspace that is not trusted', async () => {
  let trusted = false;
  const { bridge, started } = testedBridge({ isTrusted: () => trusted });
  expect(await bridge.analyse(some, never)).toMatchObject({
    kind: 'none',
    message: expect.stringContaining('trusted'),
  });
  expect(started()).toEqual([]);
  trusted = true;
  expect(await castsOf(bridge, some)).toHaveLength(1);
});

test.each([
  ['junk', '\0\u{1f575}\ud800<<<>>>((('],
  ['a nest', `p = ${'<void*>('.repeat(3000)}a\n`],
  ['nothing', ''],
])('%s is answered', async (_, text) => {
  const answer = await shared.bridge.analyse(pyx(text), never);
  expect(['answer', 'none']).toContain(answer.kind);
  expect(await castsOf(shared.bridge, some)).toHaveLength(1);
});

test('a text of 50 MB is not sent', async () => {
  const answer = await shared.bridge.analyse(pyx('x = 1\n'.repeat(9_000_000)), never);
  expect(answer).toMatchObject({ kind: 'none', message: expect.stringContaining('four million') });
});
