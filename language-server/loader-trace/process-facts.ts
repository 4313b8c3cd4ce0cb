import { readFileSync, readlinkSync } from 'node:fs';
import { decodeBytes } from '../native/byte-text.ts';
import type { ByteText } from '../protocol/elf.ts';

/** What the system knows of a process (proc(5)); null where it was gone already, or is somebody else's. */
export interface ProcessFacts {
  readonly parentPid: number | null;
  readonly path: ByteText | null;
  readonly cwd: ByteText | null;
  /** As it was given to execve(2). */
  readonly environment: LoaderVariables | null;
}

/** Variables that change what the loader finds; absent: not set. */
export type LoaderVariables = Readonly<Partial<Record<LoaderVariable, ByteText>>>;
export type LoaderVariable = (typeof loaderVariables)[number];
export const loaderVariables = ['LD_LIBRARY_PATH', 'LD_PRELOAD', 'LD_AUDIT'] as const;

export function readProcessFacts(pid: number): ProcessFacts {
  return {
    parentPid: parentOf(pid),
    path: linkOf(pid, 'exe'),
    cwd: linkOf(pid, 'cwd'),
    environment: environmentOf(pid),
  };
}

export function loaderVariablesOf(environment: Readonly<Record<string, string | undefined>>): LoaderVariables {
  const set = loaderVariables.flatMap(name => (environment[name] ? [[name, environment[name]] as const] : []));
  return Object.fromEntries(set);
}

function parentOf(pid: number): number | null {
  const status = read(pid, 'stat');
  if (status === null || status.length === 0) return null;
  // pid (comm) state ppid …; comm may itself hold spaces and parentheses.
  const text = status.toString('latin1');
  return Number(text.slice(text.lastIndexOf(')') + 2).split(' ')[1]) || null;
}

function linkOf(pid: number, name: 'exe' | 'cwd'): ByteText | null {
  try {
    return decodeBytes(readlinkSync(`/proc/${pid}/${name}`, { encoding: 'buffer' })).replace(/ \(deleted\)$/u, '');
  } catch {
    return null;
  }
}

function environmentOf(pid: number): LoaderVariables | null {
  const bytes = read(pid, 'environ');
  // That of a process that has ended, but not been waited for, is empty; ours never is.
  if (bytes === null || bytes.length === 0) return null;
  const variables: Record<string, string> = {};
  for (const entry of decodeBytes(bytes).split('\0')) {
    const end = entry.indexOf('=');
    if (end > 0) variables[entry.slice(0, end)] = entry.slice(end + 1);
  }
  return loaderVariablesOf(variables);
}

function read(pid: number, name: string): Buffer | null {
  try {
    return readFileSync(`/proc/${pid}/${name}`);
  } catch {
    return null;
  }
}
