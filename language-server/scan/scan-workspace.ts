import type { ByteText } from '../protocol/elf.ts';
import type { Finding } from '../protocol/finding.ts';
import type { Scan, ScanError, ScannedFile, ScanProgress } from '../protocol/scan.ts';
import { findCopies, type LibraryFile } from './copies.ts';
import { throttled } from './progress.ts';
import { type ScanCounts, type ScanOptions, scanFiles } from './scan-files.ts';

/** Folders that are scanned under the same conditions. */
export interface ScanPart extends Omit<ScanOptions, 'onStep' | 'shard' | 'signal'> {
  readonly paths: readonly ByteText[];
  /** What a person has said about findings there: other severities, or that some are not to be told. Absent: nothing. */
  readonly grade?: Grade;
}

export type Grade = <Told extends Finding>(findings: readonly Told[]) => readonly Told[];

export interface WorkspaceScanOptions {
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: ScanProgress) => void;
  /** Default 5000: more are a distribution that is broken as a whole; no list of problems helps there. */
  readonly maximumFiles?: number;
  /** Of all files together, default 50,000: a single file can lack a hundred thousand libraries. */
  readonly maximumProblems?: number;
}

const asTheyAre: Grade = findings => findings;

/** What a scan finds, without the files that have nothing wrong. Errors: as {@link scanFiles}. */
export async function scanWorkspace(
  parts: readonly ScanPart[],
  { signal, onProgress, maximumFiles = 5000, maximumProblems = 50_000 }: WorkspaceScanOptions = {},
): Promise<Scan> {
  const files: ScannedFile[] = [];
  let told = 0;
  let cut = 0;
  let problems = 0;
  const add = (file: ScannedFile): void => {
    if (file.problems.length === 0) return;
    problems += file.problems.length;
    if (files.length < maximumFiles && problems <= maximumProblems) files.push(file);
    else cut += 1;
  };
  const tell = throttled((counts: ScanCounts) => {
    onProgress?.({ ...counts, files: files.slice(told) });
    told = files.length;
  });
  const errors: ScanError[] = [];
  const libraries: LibraryFile[] = [];
  const needed = new Set<ByteText>();
  const before = { looked: 0, elf: 0 };
  for (const { paths, grade = asTheyAre, ...conditions } of parts) {
    const options: ScanOptions = {
      ...conditions,
      ...(signal !== undefined && { signal }),
      onStep: ({ looked, elf }) => tell({ looked: before.looked + looked, elf: before.elf + elf }),
    };
    const outcome = await scanFiles(paths, options, file => add({ ...file, problems: grade(file.problems) }));
    before.looked += outcome.looked;
    before.elf += outcome.elf;
    errors.push(...outcome.errors);
    for (const library of outcome.libraries) libraries.push(library);
    for (const name of outcome.needed) needed.add(name);
  }
  const copies = await findCopies(libraries, needed, signal);
  const findings = copies.flatMap(finding => gradeOf(parts, finding.copies[0]?.path ?? '')([finding]));
  const incomplete = cut === 0 ? null : `${cut} more files have problems; they are not listed.`;
  return { ...before, files, findings, errors, incomplete };
}

/** Of the innermost folder that has the file. */
function gradeOf(parts: readonly ScanPart[], path: ByteText): Grade {
  const folders = parts.flatMap(({ paths, grade = asTheyAre }) => paths.map(folder => ({ folder, grade })));
  const around = folders.filter(({ folder }) => path === folder || path.startsWith(`${folder.replace(/\/+$/u, '')}/`));
  return around.toSorted((a, b) => b.folder.length - a.folder.length)[0]?.grade ?? asTheyAre;
}
