import type { ByteText } from '../protocol/elf.ts';
import type { Scan, ScannedFile, ScanProgress } from '../protocol/scan.ts';
import { findCopies } from './copies.ts';
import { throttled } from './progress.ts';
import { type ScanCounts, type ScanOptions, scanFiles } from './scan-files.ts';

export interface WorkspaceScanOptions extends Omit<ScanOptions, 'onStep' | 'shard'> {
  readonly onProgress?: (progress: ScanProgress) => void;
  /** Default 5000: more are a distribution that is broken as a whole; no list of problems helps there. */
  readonly maximumFiles?: number;
  /** Of all files together, default 50,000: a single file can lack a hundred thousand libraries. */
  readonly maximumProblems?: number;
}

/** What a scan finds, without the files that have nothing wrong. Errors: as {@link scanFiles}. */
export async function scanWorkspace(
  paths: readonly ByteText[],
  { onProgress, maximumFiles = 5000, maximumProblems = 50_000, ...options }: WorkspaceScanOptions = {},
): Promise<Scan> {
  const files: ScannedFile[] = [];
  let told = 0;
  let cut = 0;
  let problems = 0;
  const tell = (counts: ScanCounts): void => {
    onProgress?.({ ...counts, files: files.slice(told) });
    told = files.length;
  };
  const outcome = await scanFiles(paths, { ...options, onStep: throttled(tell) }, file => {
    if (file.problems.length === 0) return;
    problems += file.problems.length;
    if (files.length < maximumFiles && problems <= maximumProblems) files.push(file);
    else cut += 1;
  });
  const findings = await findCopies(outcome.libraries, outcome.needed, options.signal);
  const { looked, elf, errors } = outcome;
  const incomplete = cut === 0 ? null : `${cut} more files have problems; they are not listed.`;
  return { looked, elf, files, findings, errors, incomplete };
}
