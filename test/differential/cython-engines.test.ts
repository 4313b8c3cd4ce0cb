import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { systemPython, testedBridge } from '../support/cython-bridge.ts';
import { casePreamble, caseSource, contexts, operands } from '../support/cython-cases.ts';
import { compareEngines, pyxBelow, totalled } from '../support/cython-engines.ts';
import { pureProgram } from '../support/cython-programs/pure.ts';
import { scopePrograms } from '../support/cython-programs/scopes.ts';
import { typePrograms } from '../support/cython-programs/types.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const { bridge } = testedBridge({ python: () => process.env['CYTHON_PYTHON'] ?? systemPython });
const folder = temporaryFolder();

function write(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

/**
 * NumPy's own `.pxd` (since 1.20) gives `size` and `dtype` of an array C types, the one that comes with Cython does not; we know
 * NumPy's. Which one the compiler reads depends on what is installed.
 */
const unexplained = (differences: readonly string[]): readonly string[] =>
  differences.filter(difference => !/\.(?:size|dtype): own /u.test(difference));

describe('both engines have one answer', () => {
  test('for each kind of operand in each context', async () => {
    const sources = operands.flatMap((operand, index) =>
      contexts.flatMap((context, c) =>
        context.allows(operand) ? [caseSource(`case_${index}_${c}`, operand, 'void*', context)] : [],
      ),
    );
    const result = await compareEngines(bridge, write('cases.pyx', casePreamble + sources.join('')));
    expect(result.failure).toBeNull();
    expect(unexplained(result.differences)).toEqual([]);
    expect(result.both).toBeGreaterThan(sources.length / 3);
  });

  test('for whole pieces of Cython', async () => {
    const results = [];
    for (const [index, program] of [...scopePrograms, ...typePrograms, pureProgram].entries()) {
      results.push(await compareEngines(bridge, write(`program${index}.pyx`, casePreamble + program)));
    }
    const result = totalled(results);
    expect(result.failure).toBeNull();
    expect(unexplained(result.differences)).toEqual([]);
    expect(result.both).toBeGreaterThan(150);
  });

  test('for the sources of the packages that are here', async () => {
    const installed = ['/usr/lib/python3/dist-packages', '/usr/local/lib'].flatMap(pyxBelow).slice(0, 60);
    const samples = pyxBelow(new URL('../workspace', import.meta.url).pathname);
    const results = [];
    for (const path of [...installed, ...samples]) results.push(await compareEngines(bridge, path));
    const { both, differences } = totalled(results);
    const wrong = unexplained(differences);
    expect(1 - wrong.length / Math.max(1, both), wrong.join('\n')).toBeGreaterThanOrEqual(0.98);
    expect(both).toBeGreaterThan(0);
  });
});

/** A folder of folders, each a project's sources. */
const projects = process.env['CYTHON_PROJECTS'];

describe.runIf(projects !== undefined)('the projects of CYTHON_PROJECTS', () => {
  const roots = projects === undefined ? [] : readdirSync(projects).map(name => join(projects, name));
  test.each(roots)('%s', { timeout: 600_000 }, async root => {
    const results = [];
    for (const path of pyxBelow(root)) results.push(await compareEngines(bridge, path, root));
    const { both, agreed, onlyCompiler, onlyOwn, neither, differences } = totalled(results);
    const failed = results.flatMap(({ failure }) => failure ?? []);
    console.log(
      `${root}: ${results.length} files, ${failed.length} without an answer; ${both} casts known to both, ${agreed} agreed (${((100 * agreed) / Math.max(1, both)).toFixed(2)} %), ` +
        `${onlyCompiler} to the compiler only, ${onlyOwn} to us only, ${neither} to neither\n${[...differences, ...failed].join('\n')}`,
    );
    if (both > 0) expect(agreed / both).toBeGreaterThanOrEqual(0.98);
  });
});
