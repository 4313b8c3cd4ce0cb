import type { Command } from 'commander';
import { environmentFromProcess } from '../dependencies/loader/environment.ts';
import type { TreeOptions } from '../dependencies/tree/tree.ts';
import type { WhatIf } from '../protocol/dependencies.ts';
import type { ByteText } from '../protocol/elf.ts';
import { absolutePath } from './paths.ts';

/** What if: the conditions of a resolution as they are given on the command line. */
export interface ConditionFlags {
  readonly libraryPath?: ByteText;
  readonly preload?: ByteText;
  readonly cwd?: ByteText;
  readonly hwcaps?: string;
  readonly glibc?: string;
  readonly setuid?: true;
  readonly sysroot?: ByteText;
}

export function declareConditions(command: Command): Command {
  return command
    .option('--library-path <path>', 'as if LD_LIBRARY_PATH were this')
    .option('--preload <libraries>', 'as if LD_PRELOAD were this')
    .option('--cwd <folder>', 'as if started in this folder')
    .option('--hwcaps <level>', 'as if the processor had this glibc-hwcaps level (x86-64-v3), or none')
    .option('--glibc <version>', 'by the rules of this version of glibc (2.31)')
    .option('--setuid', 'as if the program had more rights than its caller')
    .option('--sysroot <folder>', 'resolve below this folder instead of /');
}

export function whatIfOf({ libraryPath, preload, cwd, hwcaps, glibc, setuid, sysroot }: ConditionFlags): WhatIf {
  return {
    ...(libraryPath !== undefined && { libraryPath }),
    ...(preload !== undefined && { preload }),
    ...(cwd !== undefined && { cwd: absolutePath(cwd) }),
    ...(hwcaps !== undefined && { hwcaps }),
    ...(glibc !== undefined && { glibcVersion: glibc }),
    ...(setuid !== undefined && { setuid }),
    ...(sysroot !== undefined && { sysroot: absolutePath(sysroot) }),
  };
}

export function treeOptionsOf(flags: ConditionFlags): TreeOptions {
  return { environment: environmentFromProcess(), ...whatIfOf(flags) };
}
