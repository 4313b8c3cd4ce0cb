import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Log } from 'sarif';
import { beforeAll, describe, expect, test } from 'vitest';
import { exportSweep } from '../../../language-server/faults/report/export-sweep.ts';
import type { FaultSweep } from '../../../language-server/protocol/faults.ts';
import { faultsFixture, markedLine } from '../../support/faults-fixture.ts';
import { sarifProblems } from '../../support/sarif-schema.ts';

const { folder, compile, sweep } = faultsFixture();
/** A source file and a folder whose names would be markup, had they not been escaped. */
const hostile = join(folder, `<b>&"']]>`);
let swept: FaultSweep;
let strange: FaultSweep;

beforeAll(async () => {
  swept = await sweep([compile('loop.c')]);
  mkdirSync(hostile);
  const source = join(hostile, 'a<script>alert(1)</script>.c'.replaceAll('/', '-'));
  writeFileSync(
    source,
    '#include <stdlib.h>\nint main(void) { char *s = malloc(1); *s = 1; return 0; } // </td><img src=x>\n',
  );
  const program = join(hostile, 'app');
  execFileSync('cc', ['-g', '-O0', '-w', '-o', program, source]);
  strange = await sweep([program, '<i>&amp;']);
});

const exported = (from: FaultSweep, format: 'json' | 'sarif' | 'junit' | 'html'): Promise<string> =>
  exportSweep(from, format, { version: '1.2.3' });

test('JSON is the answer with its version', async () => {
  expect(JSON.parse(await exported(swept, 'json'))).toEqual({ schema: 'binary-detective/faults@1', ...swept });
});

describe('SARIF', () => {
  test.each(['a usual sweep', 'a strange one'])('of %s is valid by the schema of the standard', async which => {
    const log: unknown = JSON.parse(await exported(which === 'a usual sweep' ? swept : strange, 'sarif'));
    expect(sarifProblems(log)).toBeNull();
  });

  test('has a result for each bug, at its line, with both stacks and the command', async () => {
    const root = fileURLToPath(new URL('programs', import.meta.url));
    const log = JSON.parse(await exportSweep(swept, 'sarif', { version: '1.2.3', root })) as Log;
    const results = log.runs[0]?.results ?? [];
    expect(
      results.map(({ ruleId, locations: [location] = [] }) => [
        ruleId,
        location?.physicalLocation?.artifactLocation?.uri,
        location?.physicalLocation?.region?.startLine,
      ]),
    ).toEqual([
      ['faults/crash', 'loop.c', markedLine('loop.c', 'first')],
      ['faults/crash', 'loop.c', markedLine('loop.c', 'second')],
      ['faults/silent-error', 'loop.c', expect.any(Number)],
    ]);
    expect(results.map(({ stacks = [] }) => stacks.length)).toEqual([2, 2, 1]);
    expect(results[0]?.locations?.[0]?.physicalLocation?.region?.snippet?.text).toContain('/* first */');
    expect(results[0]?.properties?.['command']).toContain('MALLOC_MAX_CALLED=0');
    // Two bugs of one function have the same key, and are two results all the same.
    const fingerprints = results.map(({ partialFingerprints }) => partialFingerprints?.['binaryDetective/v1']);
    expect(new Set(fingerprints).size).toBe(3);
    expect(log.runs[0]?.tool.driver).toMatchObject({ name: 'Binary Detective', version: '1.2.3' });
  });

  test('tells known bugs from new ones', async () => {
    const [first, ...rest] = swept.groups;
    if (first === undefined) throw new Error('No group');
    const log = JSON.parse(await exported({ ...swept, groups: [{ ...first, known: true }, ...rest] }, 'sarif')) as Log;
    expect(log.runs[0]?.results?.map(({ baselineState }) => baselineState)).toEqual(['unchanged', 'new', 'new']);
    expect(log.runs[0]?.results?.[0]?.suppressions).toHaveLength(1);
  });
});

/** What another program reads out of the file. */
function readJunit(xml: string): unknown {
  const path = join(folder, 'report.xml');
  writeFileSync(path, xml);
  execFileSync('xmllint', ['--noout', '--nonet', path]);
  const script = `
import json, sys
from junitparser import JUnitXml, Failure, Skipped
xml = JUnitXml.fromfile(sys.argv[1])
suites = [xml] if xml._tag == 'testsuite' else list(xml)
print(json.dumps({
  'counts': [xml.tests, xml.failures, xml.errors],
  'suites': [[s.name, s.tests, s.failures, s.skipped] for s in suites],
  'cases': [[c.name, [type(r).__name__ for r in c.result], [r.message for r in c.result], [r.text for r in c.result]] for s in suites for c in s],
}))`;
  return JSON.parse(execFileSync('/usr/bin/python3', ['-c', script, path], { encoding: 'utf8' }));
}

describe('JUnit', () => {
  test('is read by another program as a failed test for each bug', async () => {
    const read = readJunit(await exported(swept, 'junit'));
    expect(read).toMatchObject({
      counts: [3, 3, 0],
      suites: [[join(folder, 'loop'), 3, 3, 0]],
      cases: [
        [
          `crash (SIGSEGV) at n = 0: at loop.c:${markedLine('loop.c', 'first')} in fill`,
          ['Failure'],
          [swept.groups[0]?.message],
          [expect.stringContaining('MALLOC_MAX_CALLED=0')],
        ],
        [expect.stringContaining('n = 1'), ['Failure'], [swept.groups[1]?.message], [expect.any(String)]],
        [
          expect.stringContaining('silent error at n = 6'),
          ['Failure'],
          [swept.groups[2]?.message],
          [expect.any(String)],
        ],
      ],
    });
  });

  test('has a passed test where the program copes, and a skipped one for a known bug', async () => {
    const fine = await sweep([compile('verdicts.c'), 'clean']);
    expect(readJunit(await exported(fine, 'junit'))).toMatchObject({
      counts: [1, 0, 0],
      cases: [[`clean error: allocation at verdicts.c:${markedLine('verdicts.c', 'allocation')} in main`, [], [], []]],
    });
    const known = { ...swept, groups: swept.groups.map(group => ({ ...group, known: true })) };
    expect(readJunit(await exported(known, 'junit'))).toMatchObject({
      counts: [3, 0, 0],
      suites: [[expect.any(String), 3, 0, 3]],
    });
  });

  test('names that would be markup are text', async () => {
    expect(readJunit(await exported(strange, 'junit'))).toMatchObject({
      suites: [[expect.stringContaining('<b>&'), 1, 1, 0]],
      cases: [
        [
          expect.stringContaining('a<script>alert(1)<-script>.c:2 in main'),
          ['Failure'],
          [expect.any(String)],
          [expect.stringContaining('</td><img src=x>')],
        ],
      ],
    });
  });
});

/** Texts of all elements of a kind, as libxml2's reader of HTML has them. */
function htmlTexts(html: string, path: string): readonly string[] {
  const file = join(folder, 'report.html');
  writeFileSync(file, html);
  const count = Number(xpath(file, `count(${path})`));
  return Array.from({ length: count }, (_, index) => xpath(file, `string((${path})[${index + 1}])`).trimEnd());
}

function xpath(file: string, expression: string): string {
  return execFileSync('xmllint', ['--html', '--nonet', '--xpath', expression, file], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });
}

describe('HTML', () => {
  test('has each bug with its stacks, source lines and command', async () => {
    const html = await exported(swept, 'html');
    expect(htmlTexts(html, '//article/h3')).toEqual(['crash (SIGSEGV)', 'crash (SIGSEGV)', 'silent error']);
    expect(htmlTexts(html, '//article[1]/p[1]')).toEqual([swept.groups[0]?.message]);
    const frame = swept.groups[0]?.crashStack[0];
    const line = readFileSync(frame?.file ?? '', 'utf8')
      .split('\n')
      [(frame?.line ?? 0) - 1]?.trim();
    expect(htmlTexts(html, '//article[1]//td')).toContain(line);
    expect(htmlTexts(html, '//article//pre')[0]).toContain('MALLOC_MAX_CALLED=0');
    expect(htmlTexts(html, '//h2[@id="runs"]/following-sibling::details//tbody/tr/td[1]')).toHaveLength(7);
  });

  test('needs nothing else, runs nothing, and can be read by everybody', async () => {
    const html = await exported(swept, 'html');
    for (const path of ['//script', '//img', '//link', '//@src', '//@onclick', '//iframe']) {
      expect(htmlTexts(html, path)).toEqual([]);
    }
    expect(html).toMatch(/^<!DOCTYPE html>\n<html lang="en">/u);
    expect(htmlTexts(html, '//title')[0]).toContain('Malloc faults');
    expect(html).toContain('color-scheme: light dark');
    // Each table's columns have heads, and each bug's part a name.
    expect(htmlTexts(html, '//table[not(thead/tr/th[@scope="col"])]')).toEqual([]);
    expect(htmlTexts(html, '//article[not(@aria-labelledby = .//h3/@id)]')).toEqual([]);
  });

  test('names that would be markup are text', async () => {
    const html = await exported(strange, 'html');
    expect(htmlTexts(html, '//script | //img | //b | //i')).toEqual([]);
    expect(htmlTexts(html, '//h1')[0]).toContain('<b>&');
    expect(htmlTexts(html, '//article//td').join('\n')).toContain('// </td><img src=x>');
  });

  test('without a bug it says so', async () => {
    const fine = await sweep([compile('verdicts.c'), 'clean']);
    expect(htmlTexts(await exported(fine, 'html'), '//main/p').join('\n')).toMatch(/No new bug.*None was found/su);
  });
});
