import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** A shared library made of one line of C. `flags` are the compiler's. */
export function compileLibrary(folder: string, name: string, source: string, flags: readonly string[] = []): string {
  return compile(folder, name, source, ['-shared', '-fPIC', ...flags]);
}

export function compileProgram(folder: string, name: string, source: string, flags: readonly string[] = []): string {
  return compile(folder, name, source, flags);
}

function compile(folder: string, name: string, source: string, flags: readonly string[]): string {
  mkdirSync(folder, { recursive: true });
  const path = join(folder, name);
  const file = `${path}.c`;
  writeFileSync(file, source);
  execFileSync('cc', ['-g', '-O0', '-o', path, file, ...flags]);
  return path;
}

export function writeScript(folder: string, name: string, text: string): string {
  mkdirSync(folder, { recursive: true });
  const path = join(folder, name);
  writeFileSync(path, text);
  chmodSync(path, 0o755);
  return path;
}
