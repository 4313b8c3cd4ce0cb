import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { displayText } from '../../protocol/display-text.ts';
import type { FaultTarget } from '../../protocol/fault-targets.ts';
import { isTexts } from './ctest-targets.ts';
import { type Entry, isEntry } from './fields.ts';

/**
 * The tests of a build folder of Meson, from what it has written down for tools (mesonbuild.com, "IDE integration"): nothing runs.
 */
export async function mesonTargets(
  folder: string,
): Promise<{ readonly targets: readonly FaultTarget[]; readonly problems: readonly string[] }> {
  const path = join(folder, 'meson-info', 'intro-tests.json');
  let tests: unknown;
  try {
    tests = JSON.parse(await readFile(path, 'utf8'));
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return { targets: [], problems: [displayText(`Tests of Meson: ${path} cannot be read: ${why}`)] };
  }
  if (!Array.isArray(tests)) return { targets: [], problems: [displayText(`Tests of Meson: ${path} is not a list.`)] };
  return {
    targets: tests.flatMap((test: unknown) => (isEntry(test) ? (testTarget(test, folder) ?? []) : [])),
    problems: [],
  };
}

function testTarget({ name, cmd, env, workdir }: Entry, folder: string): FaultTarget | undefined {
  if (typeof name !== 'string' || !isTexts(cmd) || cmd.length === 0) return undefined;
  const variables = isEntry(env)
    ? Object.entries(env).filter((pair): pair is [string, string] => typeof pair[1] === 'string')
    : [];
  return {
    id: '',
    name,
    source: 'meson',
    program: {
      command: cmd,
      // Meson runs a test that names no folder in that of the build.
      cwd: typeof workdir === 'string' ? workdir : folder,
      ...(variables.length > 0 && { env: Object.fromEntries(variables) }),
    },
  };
}
