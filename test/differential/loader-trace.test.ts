import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { removeTraceFolder } from '../../language-server/loader-trace/trace-folder.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { askLoaderLog } from '../support/trace-oracle.ts';
import { logOf, trace } from '../support/traced-run.ts';

const folder = temporaryFolder();

/** Programs that start others, that open modules, that are large. The last two run threads, which may bind a symbol twice, and
 * write into each other's lines. */
const programs: readonly { readonly command: readonly string[]; readonly threads?: true }[] = [
  { command: ['/usr/bin/python3', '-c', 'import _ssl, _ctypes, _decimal, _lzma'] },
  { command: ['/usr/bin/git', '--exec-path'] },
  { command: ['gcc', '-x', 'c', '/dev/null', '-shared', '-o', '/dev/null'] },
  { command: ['/bin/sh', '-c', 'ls / | cat | sort; (true; /bin/true); exec env'] },
  { command: ['gdb', '-batch', '-ex', 'python print(1)'], threads: true },
  { command: [process.execPath, '-e', 'require("node:child_process").execFileSync("/bin/true")'], threads: true },
];

describe('a trace of a real program has every line that grep finds, and every search went as predicted', () => {
  test.each(programs)('$command', async ({ command, threads }) => {
    const program = { command, cwd: folder };
    const run = await trace({ program });
    expect(run.result.incomplete).toEqual([]);
    const [recorded, expected] = [await logOf(run), askLoaderLog(program)];
    const { bindings, ...rest } = recorded;
    const { bindings: expectedBindings, ...expectedRest } = expected;
    expect(rest).toEqual(expectedRest);
    if (threads) expectSameOfThreads(bindings, expectedBindings);
    else expect(bindings).toEqual(expectedBindings);
    expect(recorded.searches.length).toBeGreaterThan(0);
    for (const { differences, notPredicted, searches } of run.details) {
      expect({ differences, notPredicted }).toEqual({ differences: [], notPredicted: null });
      expect(searches.filter(({ namespace, predicted }) => namespace === 0 && predicted === null)).toEqual([]);
    }
  });
});

/**
 * glibc writes a binding with two calls of write(2): the line of one thread can have the next one's in it, and its version on a
 * line of its own. grep knows nothing of that, and the trace has to.
 */
function expectSameOfThreads(bindings: readonly string[], expected: readonly string[]): void {
  const ours = new Set(bindings);
  const withoutVersions = new Set(bindings.map(binding => binding.replace(/ \[[^\]]*\]$/u, '')));
  const torn = expected.filter(line => /'\s+\d+:\t/u.test(line));
  const whole = new Set(expected.filter(line => !torn.includes(line)));
  expect([...whole].filter(line => !ours.has(line) && !withoutVersions.has(line))).toEqual([]);
  const unknown = [...ours].filter(line => !whole.has(line) && !whole.has(line.replace(/ \[[^\]]*\]$/u, '')));
  expect(unknown.filter(line => !torn.some(text => text.includes(line.split(' ')[2] ?? line)))).toEqual([]);
  expect(torn.length).toBeLessThan(100);
}

/** Programs in the system's folders say their version or their usage, and end: with this, thousands are tried. */
const everything = process.env['TRACE_EVERY_PROGRAM'] === '1';
const calm = /^(?:[a-z][\w.+-]*)$/u;
const unsuitable =
  /^(?:yes|reboot|halt|poweroff|shutdown|init|telinit|kill.*|pkill|sleep|su|sudo|login|watch|top|vi.*|ex|nano|less|more|script.*|.*passwd|ch(?:fn|sh)|mk.*|rm.*|fs.*|wipefs|dd|swap.*|mount|umount|systemctl)$/u;

if (everything) {
  test('every program of the system, with --version, was predicted', { timeout: 3_600_000 }, async () => {
    const names = readdirSync('/usr/bin').filter(name => calm.test(name) && !unsuitable.test(name));
    const differing: unknown[] = [];
    let traced = 0;
    for (const name of names) {
      const command = ['timeout', '-s', 'KILL', '10', join('/usr/bin', name), '--version'];
      if (!existsSync(command[4] ?? '')) continue;
      const { details, result } = await trace({ program: { command, cwd: folder }, bindings: false });
      removeTraceFolder(result.log);
      traced += details.length;
      for (const { process, differences } of details) {
        // Programs that change the environment of others are there too, and this is said.
        const unexplained = differences.filter(
          ({ explanation }) => explanation === null || explanation.startsWith('The process was gone'),
        );
        if (unexplained.length > 0) differing.push({ name, process, unexplained });
      }
    }
    expect(differing).toEqual([]);
    expect(traced).toBeGreaterThan(names.length);
    process.stdout.write(`${traced} programs were started by ${names.length} names.\n`);
  });
}
