import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Compiles one source of C or assembler in a folder; the path of what came out. */
export interface Toolchain {
  compile(name: string, source: string, ...options: readonly string[]): string;
  /** Runs a tool in the folder. */
  run(tool: string, ...args: readonly string[]): string;
  path(name: string): string;
}

export function toolchainIn(folder: string): Toolchain {
  const path = (name: string): string => join(folder, name);
  const run = (tool: string, ...args: readonly string[]): string =>
    execFileSync(tool, args, { cwd: folder, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  return {
    path,
    run,
    compile(name, source, ...options) {
      const file = path(`${name}${source.trimStart().startsWith('.') ? '.s' : '.c'}`);
      writeFileSync(file, source);
      run('cc', '-o', path(name), file, ...options);
      return path(name);
    },
  };
}
