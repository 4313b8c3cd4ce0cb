import type { ByteText } from '../protocol/elf.ts';
import { UserError } from '../protocol/errors.ts';
import type { Finding } from '../protocol/finding.ts';
import type { LibraryCopy, ScanError, ScanFinding, ScannedFile } from '../protocol/scan.ts';
import { compareText, copyFindings, findCopies, type KnownLibrary, readLibraries } from './copies.ts';
import { type ScanCounts, type ScanOptions, scanFiles } from './scan-files.ts';
import type { Shard } from './shard.ts';

/** All that a scan found, in the same words whatever parts it was made of (docs/cli.md has the shape). */
export interface ScanReport extends ScanCounts {
  /** What was scanned, as absolute paths. */
  readonly folders: readonly ByteText[];
  /** Every ELF file, by path. */
  readonly files: readonly Omit<ScannedFile, 'uri'>[];
  readonly findings: readonly ReportFinding[];
  /** By path. */
  readonly errors: readonly ScanError[];
}

export interface ReportFinding extends Omit<ScanFinding, 'copies'> {
  readonly copies: readonly Omit<LibraryCopy, 'uri'>[];
}

/** The report on one part, with what is needed to compare its libraries with those of the others. */
export interface ShardReport extends ScanReport {
  readonly shard: Shard;
  readonly libraries: readonly KnownLibrary[];
}

/**
 * Scans into a report. With `options.shard` it is one on that part only, which {@link mergeReports} joins with the others.
 * Errors: as {@link scanFiles}.
 */
export async function scanToReport(
  paths: readonly ByteText[],
  options: ScanOptions,
  onFile?: (file: ScannedFile) => void,
): Promise<ScanReport | ShardReport> {
  const { shard, signal } = options;
  const files: ScannedFile[] = [];
  const { looked, elf, errors, libraries, needed } = await scanFiles(paths, options, file => {
    files.push(file);
    onFile?.(file);
  });
  const report = (findings: readonly ScanFinding[]): ScanReport =>
    inOrder({ folders: paths, looked, elf, files: files.map(({ uri: _uri, ...file }) => file), findings, errors });
  if (shard === undefined) return report(await findCopies(libraries, needed, signal));
  const known = await readLibraries(libraries, signal);
  return { ...report(copyFindings(known, needed)), shard, libraries: known };
}

/** One order of everything, whatever order it was found in. */
function inOrder({
  files,
  findings,
  errors,
  ...counts
}: Omit<ScanReport, 'findings'> & { readonly findings: readonly ScanFinding[] }): ScanReport {
  return {
    ...counts,
    files: files.toSorted((a, b) => compareText(a.path, b.path)),
    findings: findings.map(reportFinding),
    errors: errors.toSorted((a, b) => compareText(a.path, b.path) || compareText(a.message, b.message)),
  };
}

function reportFinding({ copies, ...finding }: ScanFinding): ReportFinding {
  return { ...finding, copies: copies.map(({ uri: _uri, ...copy }) => copy) };
}

/**
 * Joins the reports on all parts of a scan to the one that the whole would have given. There may be parts of several scans, of
 * other folders, or of the same folders on other machines: each must be complete.
 *
 * @throws UserError `invalidParams` where a part is missing or there twice.
 */
export function mergeReports(reports: readonly ShardReport[]): ScanReport {
  for (const parts of scansOf(reports)) refuseIncomplete(parts);
  const sum = (count: (report: ShardReport) => number): number =>
    reports.reduce((total, report) => total + count(report), 0);
  const errors = new Map(reports.flatMap(report => report.errors).map(error => [JSON.stringify(error), error]));
  return inOrder({
    folders: [...new Map(reports.map(({ folders }) => [JSON.stringify(folders), folders])).values()].flat(),
    looked: sum(({ looked }) => looked),
    elf: sum(({ elf }) => elf),
    files: reports.flatMap(({ files }) => files),
    findings: copyFindings(
      reports.flatMap(({ libraries }) => libraries),
      new Set(reports.flatMap(({ files }) => files.flatMap(({ needs }) => needs.map(({ name }) => name)))),
    ),
    // What every part met on its way, such as a folder that may not be read, is said once.
    errors: [...errors.values()],
  });
}

function scansOf(reports: readonly ShardReport[]): Iterable<readonly ShardReport[]> {
  const scans = new Map<string, ShardReport[]>();
  for (const report of reports) {
    const key = JSON.stringify([report.folders, report.shard.count]);
    scans.set(key, [...(scans.get(key) ?? []), report]);
  }
  return scans.values();
}

function refuseIncomplete(parts: readonly ShardReport[]): void {
  const count = parts[0]?.shard.count ?? 0;
  const seen = parts.map(({ shard }) => shard.index);
  const twice = seen.find((index, place) => seen.indexOf(index) !== place);
  if (twice !== undefined) throw new UserError('invalidParams', `Part ${twice}/${count} of the scan is there twice.`);
  const missing = Array.from({ length: count }, (_, index) => index + 1).filter(index => !seen.includes(index));
  if (missing.length === 0) return;
  const named = missing.map(index => `${index}/${count}`).join(', ');
  throw new UserError('invalidParams', `The scan is not complete: there is no answer for part ${named}.`);
}

/** Everything that a report finds wrong, with the file that it is about. */
export function* findingsOf(report: ScanReport): Generator<Finding & { readonly path: ByteText }> {
  for (const { path, problems } of report.files) for (const problem of problems) yield { ...problem, path };
  for (const finding of report.findings) yield { ...finding, path: finding.copies[0]?.path ?? '' };
}
