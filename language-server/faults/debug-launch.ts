import { realpath } from 'node:fs/promises';
import { decodeBytes, osPath } from '../native/byte-text.ts';
import { shellWord } from '../native/shell-quote.ts';
import type { ByteText } from '../protocol/elf.ts';
import { type FaultDebugLaunch, type FaultDebugParams, injectionHook } from '../protocol/fault-debug.ts';
import { preloadList } from './armed-run.ts';
import { injectionsOf } from './injection.ts';
import { type ShimEnvironment, shimLibrary } from './shim.ts';
import { variantFor } from './shim-variant.ts';
import { scopedTarget } from './sweep.ts';

/**
 * How to see one point of a sweep in a debugger. A debugger starts the program through a shell (gdb, and adapters of it), which
 * must not be what fails: the shim is told which file's process is meant. Errors: untrusted, toolMissing, toolFailed, toolTimedOut, notFound, notSupported, invalidParams.
 */
export async function debugLaunch(
  { program, mode = { kind: 'fromNth' }, scope, n }: FaultDebugParams,
  environment: ShimEnvironment,
): Promise<FaultDebugLaunch> {
  const [injection] = injectionsOf(mode, [n], n);
  const { door, signal = new AbortController().signal } = environment;
  const target = await scopedTarget({ program, ...(scope !== undefined && { scope }) }, door, signal);
  const shim = await shimLibrary(environment, await variantFor(target.path));
  const { path, args, cwd, env, stdin = null } = target;
  const file = decodeBytes(await realpath(osPath(path), { encoding: 'buffer' }));
  const variables = {
    ...env,
    LD_PRELOAD: preloadList(shim, env),
    ...Object.fromEntries(Object.entries(injection?.variables ?? {}).filter(([, value]) => value !== '')),
    // Where its children count as well, they have other files.
    ...(scope?.follow !== true && { MALLOC_FAULTS_PROGRAM: file }),
    MALLOC_FAULTS_CHILDREN: '0',
    ...target.scope,
  };
  const words = args.map(shellWord);
  const shellArguments = [...words, ...(stdin === null ? [] : ['<', shellWord(stdin)])].join(' ');
  const tool = await door.find('gdb');
  return {
    ...{ program: file, args, cwd, env: variables, stdin, shellArguments },
    gdb:
      tool.kind === 'missing'
        ? { kind: 'missing', message: tool.message, remedy: tool.remedy }
        : { kind: 'found', path: tool.path, args: gdbArguments(file, shellArguments, variables) },
  };
}

/**
 * Arguments with which gdb runs the program to the first allocation that fails, and shows how it came there. gdb's own commands
 * have no quoting for a value but take all to the end of the line.
 */
function gdbArguments(
  program: ByteText,
  shellArguments: string,
  variables: Readonly<Record<string, string>>,
): readonly string[] {
  const commands = [
    'set breakpoint pending on',
    ...Object.entries(variables)
      .filter(([, value]) => !value.includes('\n'))
      .map(([name, value]) => `set environment ${name} ${value}`),
    `set args ${shellArguments}`,
    `tbreak ${injectionHook}`,
    'run',
    'backtrace',
  ];
  return ['-q', ...commands.flatMap(command => ['-ex', command]), program];
}
