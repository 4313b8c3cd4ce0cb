import { type ChildProcess, type StdioOptions, spawn } from 'node:child_process';
import { accessSync, closeSync, constants, openSync, statSync } from 'node:fs';
import { delimiter } from 'node:path';
import type { ByteText } from '../protocol/elf.ts';
import { encodeBytes, osPath } from './byte-text.ts';
import type { ResourceLimits } from './door.ts';

/**
 * Node hands arguments to a program as UTF-8 and sets no resource limits, so a run with a name that is not UTF-8, or with
 * limits, goes through this constant script. Operands: working folder, three limits (each may be empty), program, arguments.
 * Those with a backslash are decoded by printf(1); `.` guards trailing newlines from command substitution. Then the shell
 * becomes the program, which keeps the process id, the exit status and the signals the program's own. The long names are for
 * programs that have a variable of a shorter name in their environment. A limit that cannot be set is one that is lower already.
 */
export const launcherScript = `
binary_detective_left=$#
while [ "$binary_detective_left" -gt 0 ]; do
  case $1 in
    *\\\\*) binary_detective_operand=$(printf '%b.' "$1"); binary_detective_operand=\${binary_detective_operand%.} ;;
    *) binary_detective_operand=$1 ;;
  esac
  shift
  set -- "$@" "$binary_detective_operand"
  binary_detective_left=$((binary_detective_left - 1))
done
if [ -n "$1" ]; then CDPATH= cd -P -- "$1" || exit 126; fi
if [ -n "$2" ]; then ulimit -c "$2" 2>/dev/null; fi
if [ -n "$3" ]; then ulimit -v "$3" 2>/dev/null; fi
if [ -n "$4" ]; then ulimit -t "$4" 2>/dev/null; fi
shift 4
exec "$@"
`;

export interface Launch {
  readonly command: ByteText;
  readonly args: readonly ByteText[];
  readonly cwd: ByteText | undefined;
  readonly environment: NodeJS.ProcessEnv;
  readonly limits: ResourceLimits | undefined;
  readonly stdin: 'pipe' | 'ignore' | { readonly file: ByteText };
  readonly stdio?: 'inherit' | 'stderr' | undefined;
}

/** Starts a program in a session and process group of its own. Throws, or the child emits `error`, as `spawn` does. */
export function launch(request: Launch): ChildProcess {
  const { stdin } = request;
  if (typeof stdin === 'string') return start(request, stdin);
  const file = openSync(osPath(stdin.file), 'r');
  try {
    return start(request, file);
  } finally {
    // The child has its own.
    closeSync(file);
  }
}

function start(request: Launch, stdin: 'pipe' | 'ignore' | number): ChildProcess {
  const { command, args, cwd, environment, limits } = request;
  const options = {
    env: environment,
    detached: true,
    stdio: streamsOf(request, stdin),
  };
  const plain = [command, ...args, cwd ?? ''].every(text => typeof osPath(text) === 'string');
  if (plain && limits === undefined) return spawn(command, args, cwd === undefined ? options : { ...options, cwd });
  refuseNul([command, ...args, cwd ?? '']);
  assertStartable(request);
  return spawn('/bin/sh', ['-c', launcherScript, 'sh', ...launcherOperands(request)], options);
}

function streamsOf({ stdio }: Launch, stdin: 'pipe' | 'ignore' | number): StdioOptions {
  if (stdio === undefined) return [stdin, 'pipe', 'pipe'];
  return ['inherit', stdio === 'stderr' ? 2 : 'inherit', 'inherit'];
}

/** The operands that make {@link launcherScript} run a program. */
export function launcherOperands({
  command,
  args,
  cwd,
  limits,
}: Omit<Launch, 'environment' | 'stdin' | 'stdio'>): string[] {
  const { coreFiles, addressSpaceBytes, cpuSeconds } = limits ?? {};
  return [
    escapedOperand(cwd ?? ''),
    coreFiles === false ? '0' : '',
    addressSpaceBytes === undefined ? '' : String(Math.ceil(addressSpaceBytes / 1024)),
    cpuSeconds === undefined ? '' : String(Math.ceil(cpuSeconds)),
    ...[command, ...args].map(escapedOperand),
  ];
}

/** The operand of `printf %b` that prints these bytes: printable ASCII as it is, all else as `\0ooo`. */
function escapedOperand(text: ByteText): string {
  if (/^[ -[\]-~]*$/u.test(text)) return text;
  return Array.from(encodeBytes(text), byte =>
    byte >= 0x20 && byte < 0x7f && byte !== 0x5c
      ? String.fromCharCode(byte)
      : `\\0${byte.toString(8).padStart(3, '0')}`,
  ).join('');
}

/** The shell would stop at a NUL byte without a word; `spawn` refuses one. */
function refuseNul(texts: readonly ByteText[]): void {
  if (texts.some(text => text.includes('\0'))) {
    throw Object.assign(new TypeError('A NUL byte in an argument'), { code: 'ERR_INVALID_ARG_VALUE' });
  }
}

/** Through the launcher, a program that is not there would look like one that exited with 127: it is looked for first. */
function assertStartable({ command, cwd, environment }: Launch): void {
  if (cwd !== undefined && !statSync(osPath(cwd)).isDirectory()) throw systemError('ENOTDIR');
  let failure: unknown = systemError('ENOENT');
  for (const candidate of candidates(command, cwd ?? process.cwd(), environment['PATH'])) {
    try {
      accessSync(osPath(candidate), constants.X_OK);
      if (statSync(osPath(candidate)).isFile()) return;
      failure = systemError('EACCES');
    } catch (error) {
      failure = error;
    }
  }
  throw failure;
}

function candidates(command: ByteText, cwd: ByteText, path: string | undefined): readonly ByteText[] {
  if (command.startsWith('/')) return [command];
  if (command.includes('/')) return [`${cwd}/${command}`];
  return (path ?? '').split(delimiter).map(folder => `${folder || '.'}/${command}`);
}

function systemError(code: string): NodeJS.ErrnoException {
  return Object.assign(new Error(code), { code });
}
