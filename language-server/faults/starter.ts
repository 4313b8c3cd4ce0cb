import { closeSync, openSync, readSync } from 'node:fs';
import { basename } from 'node:path';
import { decodeBytes, osPath } from '../native/byte-text.ts';
import { displayText } from '../protocol/display-text.ts';
import type { ByteText } from '../protocol/elf.ts';
import { UserError } from '../protocol/errors.ts';

const shells: ReadonlySet<string> = new Set(['sh', 'bash', 'dash', 'ash', 'ksh', 'mksh', 'zsh', 'fish']);

/** Programs whose child is the program that is meant. Those that become it (env, nice) are seen to do so when they run. */
const starters: ReadonlySet<string> = new Set(['timeout', 'time', 'sudo', 'doas', 'strace', 'ltrace']);

/** What runs a script: the words behind "#!" (execve(2)). Where env(1) looks for the interpreter, those behind env. Else empty. */
export interface Interpreter {
  readonly words: readonly ByteText[];
  /** Whether env(1) looks for the first word on PATH. */
  readonly byEnv: boolean;
}

export function interpreterOf(path: ByteText): Interpreter {
  const [program = '', ...rest] = firstLine(path);
  const words = rest[0] === '-S' ? rest.slice(1) : rest;
  // Options and variables of env: it has to run itself.
  const byEnv = basename(program) === 'env' && words[0] !== undefined && !/^-|=/u.test(words[0]);
  return { words: byEnv ? words : [program, ...rest].filter(word => word !== ''), byEnv };
}

/**
 * Refuses what would itself run out of memory, and not the program that is meant: a shell script, or a program that starts
 * another. A shell that is named itself ("bash", "run.sh") is a program like any other. Errors: notSupported.
 */
export function refuseStarter(path: ByteText, args: readonly ByteText[]): void {
  const shown = displayText(path);
  const [interpreter = ''] = interpreterOf(path).words;
  if (shells.has(basename(interpreter))) {
    throw new UserError(
      'notSupported',
      `${shown} is a shell script: its shell would run out of memory, and not the program that it runs. Name that program itself in "command".`,
    );
  }
  if (starters.has(basename(path)) && args.some(argument => !argument.startsWith('-'))) {
    throw new UserError(
      'notSupported',
      `${shown} starts another program, and would run out of memory instead of it. Name that program itself in "command"; variables go into "env".`,
    );
  }
}

function firstLine(path: ByteText): readonly ByteText[] {
  let file: number;
  try {
    file = openSync(osPath(path), 'r');
  } catch {
    // It may be executed but not read: then it is no script, which its interpreter has to read.
    return [];
  }
  try {
    const bytes = Buffer.alloc(256);
    const line = /^#![ \t]*(.*)/u.exec(decodeBytes(bytes.subarray(0, readSync(file, bytes))));
    return line?.[1]?.split(/[ \t]+/u) ?? [];
  } finally {
    closeSync(file);
  }
}
