import { accessSync, closeSync, constants, openSync, readSync, statSync } from 'node:fs';
import { delimiter } from 'node:path';
import { absolutePath, createLoaderFiles } from '../dependencies/files/loader-files.ts';
import { readSystemLoader } from '../dependencies/loader/system-loader.ts';
import { readLoaderFile } from '../dependencies/objects/read-loader-file.ts';
import { decodeBytes, osPath } from '../native/byte-text.ts';
import { displayText } from '../protocol/display-text.ts';
import type { ByteText } from '../protocol/elf.ts';
import { UserError } from '../protocol/errors.ts';

/** What the system will run for a command. */
export interface TraceTarget {
  /** The ELF file, behind the interpreters of scripts. */
  readonly path: ByteText;
  /** Why its loader will not say anything; null where it will. */
  readonly obstacle: string | null;
  /** The command is glibc's loader itself, and what it loads is an argument of it. */
  readonly isLoader: boolean;
}

/** The kernel follows no more scripts that are run by scripts (BINPRM_BUF, fs/exec.c). */
const maximumScripts = 5;

/**
 * Looks for the program and whether its loader knows LD_DEBUG, without running anything.
 * @throws UserError notFound
 */
export function findTarget(command: ByteText, cwd: ByteText, path: string | undefined): TraceTarget {
  let found = findProgram(command, cwd, path);
  for (let scripts = 0; scripts < maximumScripts; scripts += 1) {
    const interpreter = interpreterOfScript(found);
    if (interpreter === null) break;
    found = absolutePath(interpreter, cwd);
  }
  const files = createLoaderFiles(cwd, null, null);
  const isLoader = readSystemLoader(found, files)?.kind === 'glibc';
  return { path: found, obstacle: isLoader ? null : obstacleOf(found, cwd), isLoader };
}

/** The file of a program, as execvp(3) finds it; null where there is none. */
export function lookUpProgram(command: ByteText, cwd: ByteText, path: string | undefined): ByteText | null {
  const places = command.includes('/')
    ? [absolutePath(command, cwd)]
    : (path ?? '').split(delimiter).map(folder => absolutePath(`${folder || '.'}/${command}`, cwd));
  return places.find(isExecutable) ?? null;
}

function findProgram(command: ByteText, cwd: ByteText, path: string | undefined): ByteText {
  const found = lookUpProgram(command, cwd, path);
  if (found !== null) return found;
  const where = command.includes('/')
    ? `There is no executable file ${displayText(command)}`
    : `There is no ${displayText(command)} on PATH`;
  throw new UserError('notFound', `${where}.`);
}

function isExecutable(path: ByteText): boolean {
  try {
    accessSync(osPath(path), constants.X_OK);
    return statSync(osPath(path)).isFile();
  } catch {
    return false;
  }
}

function interpreterOfScript(path: ByteText): ByteText | null {
  try {
    const file = openSync(osPath(path), 'r');
    try {
      const start = Buffer.alloc(256);
      const text = decodeBytes(start.subarray(0, readSync(file, start, 0, start.length, 0)));
      return /^#![ \t]*([^\s]+)/u.exec(text)?.[1] ?? null;
    } finally {
      closeSync(file);
    }
  } catch {
    return null;
  }
}

function obstacleOf(path: ByteText, cwd: ByteText): string | null {
  const files = createLoaderFiles(cwd, null, null);
  const shown = displayText(path);
  const status = files.status(path);
  if (status.kind !== 'file') return null;
  const file = readLoaderFile(status);
  // What is not ELF cannot be run, or is run by something that binfmt_misc(5) names; the attempt will tell.
  if (file.kind !== 'elf' || file.object === null) return null;
  const { interpreter } = file.object;
  if (interpreter === null) {
    return `${shown} is statically linked: no loader works for it, so LD_DEBUG does nothing.`;
  }
  if (/\/ld-musl-[\w-]+\.so\.1$/u.test(interpreter) || readSystemLoader(interpreter, files)?.kind === 'musl') {
    return `${shown} is loaded by musl (${displayText(interpreter)}), which knows no LD_DEBUG.`;
  }
  if (readSystemLoader(interpreter, files) === null && files.status(interpreter).kind === 'file') {
    return `${shown} is loaded by ${displayText(interpreter)}, which is not glibc's loader: LD_DEBUG is not known to do anything there.`;
  }
  return elevated(path)
    ? `${shown} is a setuid or setgid program: glibc takes no LD_DEBUG for those (AT_SECURE).`
    : null;
}

/** Whether execve(2) would give it other ids than ours: then the kernel sets AT_SECURE. */
function elevated(path: ByteText): boolean {
  const { mode, uid, gid } = statSync(osPath(path));
  const setUser = (mode & 0o4000) !== 0 && uid !== process.getuid?.();
  // Without the right to execute for the group, the bit means something else (inode(7)).
  const setGroup = (mode & 0o2010) === 0o2010 && gid !== process.getgid?.();
  return setUser || setGroup;
}
