import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { buildAll, type Recipe } from './loader-build.ts';
import { checkAgainstLoader, edgeLines, type Situation } from './loader-check.ts';
import { temporaryFolder } from './temporary-folder.ts';

const base = temporaryFolder();
let cases = 0;

/** One rule of the loader: what is built, how it is asked for, and what must come of each need, in load order. */
export interface LoaderRule {
  /** `@` stands for the folder of the case. */
  readonly build: readonly Recipe[];
  /** After linking. */
  readonly change?: (folder: string) => void | Promise<void>;
  /** Relative; by default `app`, which is started; a library is given to the loader. */
  readonly file?: string;
  readonly libraryPath?: string;
  readonly preload?: string;
  readonly mode?: Situation['mode'];
  readonly cwd?: string;
  readonly expected: readonly string[];
}

/** A test of that name: our tree is what the loader itself says and does, and comes to what is expected. */
export function checkRule(rule: string, { build, change, expected, ...asked }: LoaderRule): void {
  test(rule, async () => {
    cases += 1;
    const folder = join(base, `${cases}`);
    mkdirSync(folder);
    const here = (text: string): string => text.replaceAll('@', folder);
    await buildAll(
      folder,
      build.map(recipe => inFolder(recipe, here)),
    );
    await change?.(folder);
    const { file = 'app', libraryPath, preload, mode, cwd = '.' } = asked;
    const resolved = await checkAgainstLoader({
      file: join(folder, file),
      cwd: join(folder, cwd),
      mode: mode ?? (file === 'app' ? 'start' : 'loader'),
      ...(libraryPath !== undefined && { libraryPath: here(libraryPath) }),
      ...(preload !== undefined && { preload: here(preload) }),
    });
    expect(edgeLines(resolved, folder)).toEqual(expected);
  });
}

function inFolder(recipe: Recipe, here: (text: string) => string): Recipe {
  const { needs, rpath, runpath, flags } = recipe;
  return {
    ...recipe,
    ...(needs && { needs: needs.map(here) }),
    ...(rpath !== undefined && { rpath: here(rpath) }),
    ...(runpath !== undefined && { runpath: here(runpath) }),
    ...(flags && { flags: flags.map(here) }),
  };
}

export const app = (needs: readonly string[], more: Partial<Recipe> = {}): Recipe => ({
  file: 'app',
  program: true,
  needs,
  ...more,
});
export const lib = (file: string, more: Partial<Recipe> = {}): Recipe => ({ file, ...more });
export const notFound = '! cannot open shared object file: No such file or directory';
