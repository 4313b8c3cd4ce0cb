import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as vscode from 'vscode';

/** A new folder in the workspace that is open. */
export function newFolder(name: string): string {
  const folder = vscode.workspace.workspaceFolders?.[0];
  if (folder === undefined) throw new Error('No folder is open.');
  mkdirSync(folder.uri.fsPath, { recursive: true });
  return mkdtempSync(join(folder.uri.fsPath, `${name}-`));
}

/** Writes a file and returns its path. */
export function write(folder: string, name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

/** Compiles one C source and returns the path of what came out. */
export function compile(folder: string, output: string, source: string, options: readonly string[] = []): string {
  const input = write(folder, `${output}.c`, source);
  const path = join(folder, output);
  execFileSync('cc', ['-g', '-O0', '-o', path, input, ...options], { cwd: folder, stdio: 'pipe' });
  return path;
}

/** A shared library of the system that this very process has loaded. */
export function systemLibrary(name: string): string {
  const path = readFileSync('/proc/self/maps', 'utf8')
    .split('\n')
    .map(line => line.slice(line.indexOf('/')))
    .find(candidate => candidate.includes(`/${name}`));
  if (path === undefined) throw new Error(`${name} is not loaded.`);
  return realpathSync(path);
}
