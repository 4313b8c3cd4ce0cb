import { type ChildProcess, spawn } from 'node:child_process';
import type { ByteText } from '../protocol/elf.ts';
import { encodeBytes, osPath } from './byte-text.ts';

/**
 * Node hands arguments to a program as UTF-8, so a name that is not UTF-8 cannot be passed to it directly. Such a run goes
 * through this constant script: every operand is decoded by printf(1), then the shell becomes the program, which keeps the
 * process id, the exit status and the signals the program's own. `.` guards trailing newlines from command substitution.
 */
const byteLauncher = `
count=$#
while [ "$count" -gt 0 ]; do
  operand=$(printf '%b.' "$1")
  shift
  set -- "$@" "\${operand%.}"
  count=$((count - 1))
done
if [ -n "$1" ]; then cd -- "$1" || exit 126; fi
shift
exec "$@"
`;

export interface Launch {
  readonly command: ByteText;
  readonly args: readonly ByteText[];
  readonly cwd: ByteText | undefined;
  readonly env: NodeJS.ProcessEnv;
  readonly stdin: 'pipe' | 'ignore';
}

/** Starts a program in a session and process group of its own. Throws or emits `error` as `spawn` does. */
export function launch({ command, args, cwd, env, stdin }: Launch): ChildProcess {
  const options = { env, detached: true, stdio: [stdin, 'pipe', 'pipe'] as ['pipe' | 'ignore', 'pipe', 'pipe'] };
  const plain = [command, ...args, cwd ?? ''].every(text => typeof osPath(text) === 'string');
  if (plain) return spawn(command, args, cwd === undefined ? options : { ...options, cwd });
  const operands = [cwd ?? '', command, ...args].map(octalEscapes);
  return spawn('/bin/sh', ['-c', byteLauncher, 'sh', ...operands], options);
}

/** The operand of `printf %b` that prints these bytes: `\0ooo` for each. */
function octalEscapes(text: ByteText): string {
  return Array.from(encodeBytes(text), byte => `\\0${byte.toString(8).padStart(3, '0')}`).join('');
}
