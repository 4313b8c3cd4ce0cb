import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { analyseSource } from '../../language-server/cython/bridge/analyse-source.ts';
import { createCythonBridge } from '../../language-server/cython/bridge/bridge.ts';
import { lintCython } from '../../language-server/cython/lint.ts';
import { createNativeDoor } from '../../language-server/native/create-door.ts';
import { count, fact, heading, paired, report, run, timeAsync } from './measure.ts';

const sources = 100;
const rounds = 8;

/** The warm compiler against a `cython` that is started for each file, and a project of a hundred files. */
export async function benchCythonCompiler(): Promise<void> {
  const here = dirname(fileURLToPath(import.meta.url));
  const sample = readFileSync(join(here, '../test/workspace/casts.pyx'), 'utf8');
  const folder = mkdtempSync(join(tmpdir(), 'binary-detective-bench-'));
  const paths = Array.from({ length: sources }, (_, index) => join(folder, `module${index}.pyx`));
  for (const path of paths) writeFileSync(path, sample);
  const door = createNativeDoor({ toolPath: () => undefined, isTrusted: () => true, log: () => undefined });
  const bridge = createCythonBridge({
    door,
    program: join(here, 'cython-bridge/bridge.py'),
    isTrusted: () => true,
    python: () => '/usr/bin/python3',
    log: () => undefined,
  });
  const { signal } = new AbortController();
  const lint = async (path: string): Promise<void> => {
    const text = readFileSync(path, 'utf8');
    const answer = await analyseSource(bridge, { path, text, kind: 'pyx', includePath: [] }, signal);
    if (answer.kind === 'none') throw new Error(answer.message);
    lintCython(text, { kind: 'pyx', compilerTypes: answer.value.types });
  };
  try {
    heading(`Types of the Cython compiler, ${count(sample.split('\n').length)} lines a source`);
    report('the first, with its start', [await timeAsync(() => lint(paths[0] ?? ''))]);
    const pathOf = (round: number): string => paths[round] ?? '';
    const { ours, theirs } = await paired(
      rounds,
      round => lint(pathOf(round)),
      round => run('cython3', ['--output-file', join(folder, 'out.c'), pathOf(round)]),
    );
    report('warm bridge', ours);
    report('cython3, started', theirs, ours);
    const allMs = await timeAsync(async () => {
      for (const path of paths) await lint(path);
    });
    fact(`${count(sources)} sources, warm: ${Math.round(allMs)} ms`);
  } finally {
    await bridge.close();
    await door.close();
    rmSync(folder, { recursive: true, force: true });
  }
}
