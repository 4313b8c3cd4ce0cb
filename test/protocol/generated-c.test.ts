import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { DidOpenTextDocumentNotification } from 'vscode-languageserver/node';
import { pathToFileUri } from '../../language-server/native/file-uri.ts';
import { generateC, introducedLine } from '../../language-server/protocol/generated-c.ts';
import { systemPython } from '../support/cython-bridge.ts';
import { refusal, sharedClient } from '../support/shared-client.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const trusted = { trusted: true };
const settings = { tools: { python: systemPython } };
const client = sharedClient({ settings, initializationOptions: trusted });
const untrusted = sharedClient({ settings });
const lost = sharedClient({ settings: { tools: { python: '/nowhere/python' } }, initializationOptions: trusted });

const folder = temporaryFolder();
const path = join(folder, 'module.pyx');
const uri = pathToFileUri(path);
const source = `# a comment
from libc.stdlib cimport malloc
cdef class Tree:
    cdef list names
    def depth(self, a):
        self.names.append(a)
        return [x + 1 for x in self.names]
cdef int fast(int b) nogil:
    return b + 1
def slow(a, b):
    def inner(c):
        return c * a
    print("%s" % inner(b))
    return {a: b}
counter = slow(1, 2)
`;
writeFileSync(path, source);

/** Score of each line, from 0, that `cython -a` gives more than none. */
function annotatedScores(): ReadonlyMap<number, number> {
  execFileSync('cython3', ['-a', '--output-file', join(folder, 'module.c'), path], { stdio: 'ignore' });
  const html = readFileSync(join(folder, 'module.html'), 'utf8');
  const lines = html.matchAll(
    /<pre class="cython line score-(\d+)"[^>]*>(?:\+|&#xA0;)<span class="">0*(\d+)<\/span>/gu,
  );
  return new Map([...lines].map(([, score, line]) => [Number(line) - 1, Number(score)]));
}

test('each line has the score that cython -a paints it by, and each function their sum', async () => {
  const { text, functions, command } = await client().request(generateC, { uri });
  expect(command).toContain('cython -a');
  const introduced = text.split('\n').flatMap(line => {
    const number = introducedLine(line);
    return number === null ? [] : [[number, Number(/ score (\d+): /u.exec(line)?.[1])] as const];
  });
  const scores = new Map(introduced);
  const truth = annotatedScores();
  expect(truth.size).toBe(source.split('\n').length - 1);
  for (const [line, score] of truth) expect([line, scores.get(line) ?? 0]).toEqual([line, score]);

  const sum = (first: number, last: number): number =>
    [...truth].reduce((total, [line, score]) => total + (line >= first && line <= last ? score : 0), 0);
  expect(Object.fromEntries(functions.map(({ name, score }) => [name, score]))).toEqual({
    '(module)': sum(0, 3) + sum(14, 14),
    'Tree.depth': sum(4, 6),
    fast: sum(7, 8),
    slow: sum(9, 9) + sum(12, 13),
    'slow.inner': sum(10, 11),
  });
  expect(text).toContain('static int __pyx_f_6module_fast(int');
});

test('what has changed since the build before is said', async () => {
  const before = [
    { name: 'slow', line: 9, score: 1 },
    { name: 'gone', line: 1, score: 7 },
  ];
  const { text } = await client().request(generateC, { uri, before });
  expect(text).toMatch(/slow \(\+\d+ since the build before\)/u);
  expect(text).toContain('gone (gone; was 7)');
  expect(text).toContain('Tree.depth (new)');
});

test('it is of the text as it stands in the editor', async () => {
  const opened = pathToFileUri(join(folder, 'opened.pyx'));
  const textDocument = {
    uri: opened,
    languageId: 'cython',
    version: 1,
    text: 'cdef int typed(int x):\n    return x\n',
  };
  await client().connection.sendNotification(DidOpenTextDocumentNotification.type, { textDocument });
  const { functions } = await client().request(generateC, { uri: opened });
  expect(functions.map(({ name }) => name)).toContain('typed');
});

test('a long text is cut, and says so', async () => {
  const { text, cutAtLines } = await client().request(generateC, { uri, maximumLines: 20 });
  expect(cutAtLines).toBe(20);
  expect(text.split('\n').length).toBeLessThan(25);
});

test('what does not compile, is not there, or is not allowed has its sentence', async () => {
  const broken = join(folder, 'broken.pyx');
  writeFileSync(broken, 'def f(a):\n    return a +\n');
  expect(await refusal(client().request(generateC, { uri: pathToFileUri(broken) }))).toMatchObject({
    message: expect.stringMatching(/does not compile.*line 2/u),
    data: { kind: 'toolFailed' },
  });
  expect(await refusal(client().request(generateC, { uri: pathToFileUri(join(folder, 'none.pyx')) }))).toMatchObject({
    data: { kind: 'notFound' },
  });
  expect(await refusal(untrusted().request(generateC, { uri }))).toMatchObject({ data: { kind: 'untrusted' } });
  expect(await refusal(lost().request(generateC, { uri }))).toMatchObject({
    data: { kind: 'toolMissing', remedy: expect.stringContaining('cython') },
  });
});
