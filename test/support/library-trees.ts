import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/**
 * Builds real libraries, and a program `app`, that need each other as the table says; all find each other by their RUNPATH.
 * Each library is linked with empty stand-ins of what it needs, so that cycles can be built too.
 *
 * @param needs What each library needs, by their SONAMEs; `app` is the program.
 * @param missing Names of those that are not there in the end.
 * @returns Path of the program.
 */
export function buildLibraryTree(
  folder: string,
  needs: Readonly<Record<string, readonly string[]>>,
  missing: readonly string[] = [],
): string {
  const stubs = join(folder, '.stubs');
  mkdirSync(stubs, { recursive: true });
  const empty = join(stubs, 'empty.c');
  writeFileSync(empty, 'int main(void) { return 0; }\n');
  const object = join(stubs, 'empty.o');
  execFileSync('cc', ['-c', '-fPIC', '-o', object, empty]);
  const names = Object.keys(needs).filter(name => name !== 'app');
  // One run of the compiler's driver for each would take minutes: the link editor itself is quick.
  for (const name of [...names, ...missing]) link(['-shared', '-soname', name, '-o', join(stubs, name), object]);
  const runpath = ['--enable-new-dtags', '-rpath', '$ORIGIN', '--allow-shlib-undefined', '--no-as-needed'];
  for (const [name, needed] of Object.entries(needs)) {
    if (name === 'app') continue;
    const output = join(folder, name);
    mkdirSync(dirname(output), { recursive: true });
    link(['-shared', '-soname', name, '-o', output, ...runpath, object, ...needed.map(other => join(stubs, other))]);
  }
  const app = join(folder, 'app');
  const libraries = (needs['app'] ?? []).map(name => join(stubs, name));
  execFileSync('cc', ['-o', app, object, ...runpath.map(flag => `-Wl,${flag}`), ...libraries], { stdio: 'pipe' });
  return app;
}

/**
 * A program `NAME` and as many libraries as asked for, each of which needs up to three others. Only one library is linked; the
 * others are copies in which the numbers of the names are others, since thousands of links would take minutes.
 *
 * @param needsOf Numbers of what library `at` needs, from 0; that of the program is -1.
 * @returns Path of the program.
 */
export function buildManyLibraries(
  folder: string,
  name: string,
  count: number,
  needsOf: (at: number) => readonly number[],
): string {
  const own = 'libnode-70000.so';
  const needed = ['libnode-71111.so', 'libnode-72222.so', 'libnode-73333.so'];
  const template = join(folder, 'template');
  buildLibraryTree(template, { app: needed, [own]: needed, ...Object.fromEntries(needed.map(other => [other, []])) });
  const write = (path: string, source: string, at: number): void => {
    const needs = needsOf(at);
    let text = readFileSync(source, 'latin1').replaceAll('70000', numbered(at));
    // What is not needed is its own name, or one that is needed already: nothing is loaded for it.
    const spare = needs[0] ?? Math.max(at, 0);
    for (const [place, digits] of ['71111', '72222', '73333'].entries()) {
      text = text.replaceAll(digits, numbered(needs[place] ?? spare));
    }
    writeFileSync(path, text, 'latin1');
  };
  for (let at = 0; at < count; at += 1) write(join(folder, `libnode-${numbered(at)}.so`), join(template, own), at);
  const program = join(folder, name);
  write(program, join(template, 'app'), -1);
  chmodSync(program, 0o755);
  return program;
}

function numbered(at: number): string {
  return String(Math.max(at, 0)).padStart(5, '0');
}

function link(args: readonly string[]): void {
  execFileSync('ld', args, { stdio: 'pipe' });
}
