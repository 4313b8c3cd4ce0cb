import { accessSync, constants, type Stats, statSync } from 'node:fs';
import { delimiter, isAbsolute } from 'node:path';
import { osPath } from '../native/byte-text.ts';
import { displayText } from '../protocol/display-text.ts';
import type { ByteText } from '../protocol/elf.ts';
import { UserError } from '../protocol/errors.ts';
import type { CleanErrorRule, FaultProgram } from '../protocol/faults.ts';
import type { ScopeVariables } from './scope.ts';
import { interpreterOf, refuseStarter } from './starter.ts';

/** A program that is ready to run. */
export interface Target {
  /** As the person gave it: a program sees its name. */
  readonly command: ByteText;
  readonly args: readonly ByteText[];
  readonly cwd: ByteText;
  readonly env: Readonly<Record<string, string>>;
  /** Absolute path of the file. */
  readonly path: ByteText;
  /** Absolute path of the file that is its standard input; absent: empty. */
  readonly stdin?: ByteText;
  readonly cleanError?: CleanErrorRule;
  /** Whether each run works in a copy of `cwd`. */
  readonly privateFolder: boolean;
  readonly scope: ScopeVariables;
}

/** Scripts whose interpreters are scripts: more than the kernel follows (exec_binprm). */
const maximumInterpreters = 5;

/**
 * Finds the program's file as execvp(3) will. A script that has env(1) look for its interpreter is run by that interpreter, as
 * env would: it is the program that is meant. Errors: invalidParams, notFound, notSupported.
 * @param follows Whether all that it starts is meant too: then nothing speaks against a program that starts another.
 */
export function findTarget(program: FaultProgram, follows = false): Target {
  let target = locate(program);
  for (let depth = 0; depth < maximumInterpreters; depth += 1) {
    if (!follows) refuseStarter(target.path, target.args);
    const { words, byEnv } = interpreterOf(target.path);
    if (!byEnv) break;
    const script = target.command.includes('/') ? target.command : target.path;
    target = locate({ ...program, command: [...words, script, ...target.args] });
  }
  return target;
}

function locate(program: FaultProgram): Target {
  const [command, ...args] = program.command;
  if (command === undefined || command === '') {
    throw new UserError('invalidParams', 'The command is empty: its first element has to be the program.');
  }
  const cwd = program.cwd ?? process.cwd();
  const env = program.env ?? {};
  if (statusOf(cwd)?.isDirectory() !== true) {
    throw new UserError('notFound', `The folder ${displayText(cwd)}, in which the program is to run, is not there.`);
  }
  const candidates = candidatesOf(command, cwd, env['PATH'] ?? process.env['PATH'] ?? '');
  const path = candidates.find(isProgram);
  if (path === undefined) throw new UserError('notFound', whyNot(command, candidates));
  const { stdin, cleanError, privateFolder = false } = program;
  return {
    ...{ command, args, cwd, env, path, privateFolder, scope: {} },
    ...(stdin !== undefined && { stdin: inputOf(stdin, cwd) }),
    ...(cleanError !== undefined && { cleanError }),
  };
}

function inputOf(stdin: ByteText, cwd: ByteText): ByteText {
  const path = isAbsolute(stdin) ? stdin : `${cwd}/${stdin}`;
  if (statusOf(path)?.isFile() === true) return path;
  throw new UserError(
    'notFound',
    `There is no file ${displayText(path)} to be the program's standard input ("stdin").`,
  );
}

function candidatesOf(command: ByteText, cwd: ByteText, path: string): readonly ByteText[] {
  if (isAbsolute(command)) return [command];
  if (command.includes('/')) return [`${cwd}/${command.replace(/^(?:\.\/+)+/u, '')}`];
  return path.split(delimiter).map(folder => {
    const place = isAbsolute(folder) ? folder : `${cwd}/${folder || '.'}`;
    return `${place}/${command}`;
  });
}

function isProgram(path: ByteText): boolean {
  try {
    accessSync(osPath(path), constants.X_OK);
    return statSync(osPath(path)).isFile();
  } catch {
    return false;
  }
}

function whyNot(command: ByteText, candidates: readonly ByteText[]): string {
  const shown = displayText(command);
  if (!command.includes('/'))
    return `${shown} is in no folder of PATH. Name the program by its path, or add its folder.`;
  const path = candidates[0] ?? command;
  const status = statusOf(path);
  if (status === undefined)
    return `There is no program ${displayText(path)}. Does it have to be built first ("build")?`;
  if (!status.isFile()) return `${displayText(path)} is not a file, so it cannot be run.`;
  return `${displayText(path)} may not be executed. If it is a program: chmod +x.`;
}

function statusOf(path: ByteText): Stats | undefined {
  try {
    return statSync(osPath(path));
  } catch {
    return undefined;
  }
}

/** Why no further run can be started, where a run has deleted the folder that it worked in. */
export function goneFolder({ cwd, privateFolder }: Target): UserError | undefined {
  if (privateFolder || statusOf(cwd) !== undefined) return undefined;
  return new UserError(
    'notSupported',
    `The folder ${displayText(cwd)} is gone: the program deletes the folder that it works in. Give each run a copy of it ("privateFolder", --private-folder).`,
  );
}
