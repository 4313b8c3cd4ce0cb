import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { inspectFile } from '../../language-server/elf/inspection.ts';
import { elfFilesBelow } from '../support/elf-corpus.ts';

/**
 * What is told about memory and run paths, for every file of the machine, against what `readelf` prints for it. All that is said at
 * the level of a warning must be there in its output; false alarms would be seen here.
 */
const files = elfFilesBelow(['/usr', '/lib', '/bin', '/sbin', '/opt']).map(({ path }) => path);

interface Theirs {
  readonly type: string;
  readonly text: string;
}

function readelfAll(paths: readonly string[]): ReadonlyMap<string, Theirs> {
  const all = new Map<string, Theirs>();
  for (let first = 0; first < paths.length; first += 100) {
    // With one file readelf prints no heading.
    const batch = [...paths.slice(first, first + 100), '/dev/null'];
    const text = execFileSync('sh', ['-c', 'readelf -hldW "$@" 2>&1; true', 'sh', ...batch], {
      encoding: 'utf8',
      maxBuffer: 1 << 28,
    });
    for (const part of text.split(/^File: /mu).slice(1)) {
      const end = part.indexOf('\n');
      const type = /^ +Type: +(\w+)/mu.exec(part)?.[1] ?? '';
      all.set(part.slice(0, end), { type, text: part.slice(end) });
    }
  }
  return all;
}

const load = (flags: string): RegExp => new RegExp(`^ +LOAD +(?:0x\\w+ +){5}${flags} `, 'mu');

test('executable stacks, writable code and text relocations are those of readelf', async () => {
  const theirs = readelfAll(files);
  const wrong: string[] = [];
  let compared = 0;
  for (const path of files) {
    const printed = theirs.get(path);
    const ours = await inspectFile(path).catch(() => null);
    if (printed === undefined || ours === null) continue;
    if (ours.kind !== 'executable' && ours.kind !== 'shared-library') continue;
    compared += 1;
    const has = (code: string): boolean => ours.findings.some(finding => finding.code === code);
    const check = (what: string, found: boolean, expected: boolean): void => {
      if (found !== expected) wrong.push(`${path} ${what}: ${found}, readelf ${expected}`);
    };
    const stack = /^ +GNU_STACK +(?:0x\w+ +){5}(\S+)/mu.exec(printed.text)?.[1];
    // Without the segment it depends on the machine.
    if (stack !== undefined) check('stack', has('elf/executable-stack'), stack.includes('E'));
    check('segment', has('elf/writable-executable-segment'), load('RWE').test(printed.text));
    check('text', has('elf/text-relocations'), /\(TEXTREL\)|\(FLAGS\).*TEXTREL/u.test(printed.text));
    const paths = [...printed.text.matchAll(/\((RPATH|RUNPATH)\) +Library r\w*path: \[(.*)\]$/gmu)];
    check('both', has('elf/rpath-and-runpath'), new Set(paths.map(match => match[1])).size === 2);
    const entries = paths.flatMap(match => (match[2] ?? '').split(':'));
    const isPlain = (entry: string): boolean =>
      /^(?:\/|\$ORIGIN|\$\{ORIGIN\})/u.test(entry) || (entries.length === 1 && entry === '');
    check(
      'relative',
      has('elf/run-path-relative'),
      entries.some(entry => entry !== '' && !isPlain(entry)),
    );
    const needed = [...printed.text.matchAll(/\(NEEDED\) +Shared library: \[(.*)\]$/gmu)].map(match => match[1] ?? '');
    check(
      'absolute',
      has('elf/needed-absolute'),
      needed.some(name => name.startsWith('/')),
    );
  }
  expect(wrong).toEqual([]);
  expect(compared).toBeGreaterThan(300);
});
