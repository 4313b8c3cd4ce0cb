import { type Command, Option } from 'commander';
import type { FaultScope } from '../protocol/faults.ts';
import { wholeNumber } from './options.ts';

/** What {@link declareScope} parses. */
export interface ScopeFlags {
  readonly includeLibrary?: readonly string[];
  readonly excludeLibrary?: readonly string[];
  readonly frames?: number;
  readonly includeFunction?: readonly string[];
  readonly excludeFunction?: readonly string[];
  readonly stack?: readonly string[];
  readonly excludeStack?: readonly string[];
  readonly start?: 'first' | 'main' | 'program';
  readonly follow?: true;
}

/** The options that say which allocations count. */
export function declareScope(command: Command): Command {
  const several = (flags: string, description: string): Option =>
    new Option(flags, description).argParser((value: string, before: readonly string[] = []) => [...before, value]);
  return command
    .addOption(
      several('--include-library <glob>', 'only allocations that this library or program asks for; again for more'),
    )
    .addOption(several('--exclude-library <glob>', 'none of those'))
    .option(
      '--frames <count>',
      'look for libraries in so many innermost frames, not for the caller alone',
      wholeNumber(1),
    )
    .addOption(
      several('--include-function <name>', 'only allocations made while this function runs; FILE:NAME for one file'),
    )
    .addOption(several('--exclude-function <name>', 'none of those'))
    .addOption(several('--stack <number>', 'only allocations with this call stack, as "stack" of a run has it'))
    .addOption(several('--exclude-stack <number>', 'none of those'))
    .addOption(
      new Option(
        '--start <when>',
        'which allocations are the first: of all, from main on, or in a window of the program',
      )
        .choices(['first', 'main', 'program'])
        .default('first'),
    )
    .option('--follow', 'count its children, and the programs that it becomes, with it');
}

/** Undefined where all allocations count. */
export function scopeOf(flags: ScopeFlags): FaultScope | undefined {
  const { includeLibrary, excludeLibrary, frames, includeFunction, excludeFunction, stack, excludeStack } = flags;
  const scope: FaultScope = {
    ...(includeLibrary && { includeLibraries: includeLibrary }),
    ...(excludeLibrary && { excludeLibraries: excludeLibrary }),
    ...(frames !== undefined && { frames }),
    ...(includeFunction && { includeFunctions: includeFunction }),
    ...(excludeFunction && { excludeFunctions: excludeFunction }),
    ...(stack && { includeStacks: stack }),
    ...(excludeStack && { excludeStacks: excludeStack }),
    ...(flags.start !== undefined && flags.start !== 'first' && { start: flags.start }),
    ...(flags.follow === true && { follow: true }),
  };
  return Object.keys(scope).length === 0 ? undefined : scope;
}
