import type { FaultPictureTexts } from './fault-picture-texts.ts';
import type { CleanRun, FaultGroup, FaultMode, FaultSweep, FaultVerdict, StackFrame } from './faults.ts';

/**
 * Messages between the picture of a sweep and the extension (not the wire of the language server). The page speaks first (`ready`);
 * nothing of the sweep is in its HTML. Sent with vscode-messenger: a request that fails is answered with its error.
 */
export const faultPictureMessages = {
  /** Page → host, request: the page is up, or asks again; the answer is the sweep, or the sentence that says why there is none. */
  ready: { method: 'faultPicture/ready' },
  /** Page → host, request: open the source of a frame. */
  openFrame: { method: 'faultPicture/openFrame' },
  /** Page → host, request: run one point again, debug it, or copy the command that reproduces its bug. */
  act: { method: 'faultPicture/act' },
  /** Page → host, request: sweep the program again, or export what was found. */
  actOnSweep: { method: 'faultPicture/actOnSweep' },
  /** Page → host, request: put text on the clipboard. */
  copy: { method: 'faultPicture/copy' },
  /** Host → page, notification: there is another sweep, or none any more; the page asks again. */
  changed: { method: 'faultPicture/changed' },
  /** Host → page, notification: show one point. */
  show: { method: 'faultPicture/show' },
} as const;

/** The verdicts of the columns below: the least harm first. New ones are added at the end. */
export const verdictOrder = [
  'notReached',
  'unaffected',
  'cleanError',
  'silentError',
  'leak',
  'wrongOutput',
  'sanitizer',
  'hang',
  'abort',
  'crash',
] as const satisfies readonly FaultVerdict[];

/** What a sweep has found: a column for each thing that there is of every run, and each stack once. */
export interface SweepPicture {
  readonly name: string;
  readonly mode: FaultMode;
  /** When it ended, in milliseconds since 1970. */
  readonly endedAt: number;
  readonly clean: CleanRun;
  readonly points: number;
  readonly stopped: FaultSweep['stopped'];
  readonly notes: readonly string[];
  readonly groups: readonly FaultGroup[];
  readonly stacks: readonly (readonly StackFrame[])[];
  /** Columns, one entry a run, in order of n. */
  readonly n: readonly number[];
  /** Index in {@link verdictOrder}. */
  readonly verdict: readonly number[];
  /** Index in `groups`; -1: in none. */
  readonly group: readonly number[];
  /** Index in `stacks` of the stack of the allocation that failed; -1: not known. */
  readonly stack: readonly number[];
  /** When in the clean run each allocation was asked for, in microseconds since its first; null: not recorded. */
  readonly timeUs: readonly number[] | null;
}

export type PictureReadyResult = {
  readonly texts: FaultPictureTexts;
  /** Which program this page is about: it keeps that for when VS Code opens it again. */
  readonly target: string;
} & (
  | { readonly kind: 'sweep'; readonly sweep: SweepPicture /** A point to show first. */; readonly show: number | null }
  | { readonly kind: 'none'; readonly name: string; readonly message: string }
);

export interface OpenFrameParams {
  readonly file: string;
  /** From 1. */
  readonly line: number;
}

export interface PointActionParams {
  readonly n: number;
  readonly action: 'run' | 'debug' | 'copyCommand';
}

export interface SweepActionParams {
  readonly action: 'run' | 'export';
}

export interface CopyTextParams {
  readonly text: string;
}

export interface ShowPointParams {
  readonly n: number;
}
