import type { Command } from 'commander';
import type { NativeDoor } from '../native/door.ts';
import type { Finding } from '../protocol/finding.ts';
import type { Printer } from './printer.ts';

/** How a run of the command line ends, as grep and cmp have it: nothing found, something found, could not run. */
export const exitCodes = { clean: 0, findings: 1, failed: 2 } as const;

export type OutputFormat = 'text' | 'json';

/** What a verb works with. */
export interface VerbContext {
  readonly door: NativeDoor;
  readonly printer: Printer;
  readonly format: OutputFormat;
  /** Set by Ctrl-C and SIGTERM. */
  readonly signal: AbortSignal;
}

/** Runs a verb with what commander parsed; resolves to its exit code. */
export type RunVerb = (
  work: (context: VerbContext) => Promise<number>,
  format?: OutputFormat,
  /** Programs that run at once; absent: one a processor, at least two. */
  concurrency?: number,
) => Promise<void>;

/** One verb: declares its arguments and options, and gives commander the action. */
export interface Verb {
  readonly name: string;
  readonly declare: (program: Command, run: RunVerb) => void;
}

/** Hints and information are no reason to fail a build. */
export function countsAsFinding({ severity }: Pick<Finding, 'severity'>): boolean {
  return severity === 'error' || severity === 'warning';
}

export function exitCodeOf(findings: readonly Pick<Finding, 'severity'>[]): number {
  return findings.some(countsAsFinding) ? exitCodes.findings : exitCodes.clean;
}
