import { closeSync, openSync, readSync, statSync } from 'node:fs';
import { isAbsolute } from 'node:path';
import { displayText } from '../protocol/display-text.ts';
import type { ByteText } from '../protocol/elf.ts';
import { decodeBytes, osPath } from './byte-text.ts';

/** One sentence on why a program could not be started: errno alone says neither which file was meant nor what to do. */
export function spawnFailureMessage(command: ByteText, cwd: ByteText | undefined, error: unknown): string {
  const code = (error as NodeJS.ErrnoException | undefined)?.code ?? '';
  const where = cwd === undefined ? '' : ` in ${displayText(cwd)}`;
  return `${displayText(command)} could not be started${where}: ${reason(command, cwd, code) ?? String(error)}.`;
}

const reasons: Readonly<Record<string, string>> = {
  E2BIG: 'its arguments and environment are larger than the system allows',
  ENOEXEC: 'it is not a program that this system can run',
  EAGAIN: 'the system allows no more processes',
  EMFILE: 'too many files are open',
  ENFILE: 'too many files are open',
  ENOMEM: 'the system has no memory left for it',
  ELOOP: 'its path leads through too many symbolic links',
  ENAMETOOLONG: 'its name is longer than the system allows',
  ETXTBSY: 'it is being written',
  ERR_INVALID_ARG_VALUE: 'its name, an argument or the environment holds a NUL byte',
};

function reason(command: ByteText, cwd: ByteText | undefined, code: string): string | undefined {
  if (code !== 'ENOENT' && code !== 'ENOTDIR' && code !== 'EACCES') return reasons[code];
  if (cwd !== undefined) {
    const folder = kindOf(cwd);
    if (folder === 'missing') return 'that working folder does not exist';
    if (folder === 'file') return 'that working folder is not a folder';
  }
  if (!command.includes('/')) {
    return code === 'EACCES' ? 'the file of that name on PATH is not executable' : 'no program of that name is on PATH';
  }
  const path = isAbsolute(command) ? command : `${cwd ?? process.cwd()}/${command}`;
  const kind = kindOf(path);
  if (kind === 'missing') return 'there is no such file';
  if (kind === 'folder') return 'it is a folder';
  if (code === 'EACCES') return 'it is not executable (chmod +x), or may not be executed here';
  return missingInterpreter(path);
}

function kindOf(path: ByteText): 'missing' | 'folder' | 'file' | 'unknown' {
  try {
    return statSync(osPath(path)).isDirectory() ? 'folder' : 'file';
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return code === 'ENOENT' || code === 'ENOTDIR' ? 'missing' : 'unknown';
  }
}

/** The file is there and the system says that it is not: then what it is to be run by is missing (execve(2), ENOENT). */
function missingInterpreter(path: ByteText): string {
  const interpreter = /^#!\s*(\S+)/u.exec(firstBytes(path))?.[1];
  if (interpreter === undefined) return 'the loader that it asks for is not on this machine (see its interpreter)';
  return `${displayText(interpreter)}, the interpreter that its first line names, does not exist`;
}

function firstBytes(path: ByteText): ByteText {
  try {
    const file = openSync(osPath(path), 'r');
    try {
      const start = Buffer.alloc(256);
      return decodeBytes(start.subarray(0, readSync(file, start, 0, start.length, 0)));
    } finally {
      closeSync(file);
    }
  } catch {
    return '';
  }
}
