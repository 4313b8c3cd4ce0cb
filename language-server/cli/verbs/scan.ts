import { Option } from 'commander';
import { environmentFromProcess } from '../../dependencies/loader/environment.ts';
import { displayText } from '../../protocol/display-text.ts';
import type { ByteText } from '../../protocol/elf.ts';
import { UserError } from '../../protocol/errors.ts';
import type { Severity } from '../../protocol/finding.ts';
import type { Dependent } from '../../protocol/scan.ts';
import { createMemoryStore, type MemoryStore } from '../../scan/memory/memory-store.ts';
import { createScanMemories } from '../../scan/memory/scan-memories.ts';
import { throttled } from '../../scan/progress.ts';
import { scanToReport } from '../../scan/report.ts';
import type { ScanCounts, ScanOptions } from '../../scan/scan-files.ts';
import type { Shard } from '../../scan/shard.ts';
import { findWhoNeeds, type NeededLibrary } from '../../scan/who-needs.ts';
import { shard } from '../options.ts';
import { absolutePath, scanMemory } from '../paths.ts';
import type { Printer } from '../printer.ts';
import { printReport, type ScanFormat, scanFormats, severities } from '../scan-output.ts';
import { exitCodes, type Verb, type VerbContext } from '../verb.ts';

interface ScanFlags {
  readonly format: ScanFormat;
  readonly minimumSeverity: Severity;
  readonly exclude?: readonly string[];
  readonly shard?: Shard;
  readonly needs?: ByteText;
  readonly sysroot?: ByteText;
  readonly libraryPath?: ByteText;
  readonly cache: boolean;
}

export const scanVerb: Verb = {
  name: 'scan',
  declare: (program, run) => {
    program
      .command('scan')
      .description('every ELF file below folders: what its loader would not find, what is there twice; runs nothing')
      .argument('<path...>', 'folders, or files')
      .option('--needs <name>', 'only which files need this library themselves: a NEEDED name, or a path with a slash')
      .option(
        '--exclude <glob>',
        'files and folders to leave out, such as node_modules or "*.debug"; repeatable',
        collect,
      )
      .option('--shard <i/n>', 'only the i-th of n parts, for `merge`', shard)
      .option('--library-path <path>', 'as if LD_LIBRARY_PATH were this')
      .option('--sysroot <folder>', 'resolve below this folder instead of /')
      .option('--no-cache', 'look at everything anew, and write nothing down for the next scan')
      .addOption(severityOption())
      .addOption(scanFormatOption())
      .action((paths: readonly ByteText[], flags: ScanFlags) => run(context => runScan(context, paths, flags)));
  },
};

export function scanFormatOption(): Option {
  return new Option('--format <format>', 'how to print').choices(scanFormats).default('text' satisfies ScanFormat);
}

export function severityOption(): Option {
  return new Option('--minimum-severity <severity>', 'what text and SARIF leave out; JSON has everything')
    .choices(severities)
    .default('warning' satisfies Severity);
}

/** An option that takes one value each time: one that takes several would take the folders behind them too. */
function collect(value: string, before: readonly string[] = []): readonly string[] {
  return [...before, value];
}

async function runScan(context: VerbContext, paths: readonly ByteText[], flags: ScanFlags): Promise<number> {
  const { printer, signal } = context;
  const { exclude, shard: part, sysroot, libraryPath } = flags;
  const options: ScanOptions = {
    environment: environmentFromProcess(),
    signal,
    onStep: throttled(counts => printer.progress(progressText(counts))),
    ...(exclude !== undefined && { exclude }),
    ...(libraryPath !== undefined && { libraryPath }),
    ...(sysroot !== undefined && { sysroot: absolutePath(sysroot) }),
  };
  const folders = paths.map(absolutePath);
  // Parts are scanned by machines that have not scanned before, and each would be a memory of its own.
  const memories = flags.cache && part === undefined ? createScanMemories(diskStore(printer)) : undefined;
  const remembering = memories === undefined ? options : { ...options, memory: memories.of(folders, options) };
  const exitCode =
    flags.needs === undefined
      ? await runReport(context, folders, flags, remembering)
      : await runNeeds(context, folders, flags, remembering);
  await memories?.keep();
  return exitCode;
}

/** A memory that cannot be used is no failure of a scan: it is as it would be without, which is said once. */
function diskStore(printer: Printer): MemoryStore {
  let isTold = false;
  const log = (line: string): void => {
    if (!isTold) printer.error(line);
    isTold = true;
  };
  return createMemoryStore({ ...scanMemory(), log });
}

async function runReport(
  { printer }: VerbContext,
  folders: readonly ByteText[],
  flags: ScanFlags,
  options: ScanOptions,
): Promise<number> {
  const { shard: part } = flags;
  const report = await scanToReport(folders, part === undefined ? options : { ...options, shard: part });
  return await printReport(printer, report, flags);
}

function progressText({ looked, elf }: ScanCounts): string {
  return `${looked.toLocaleString('en')} files looked at, ${elf.toLocaleString('en')} ELF files`;
}

/** A question that has an answer, not a finding: so it fails only where not everything could be looked at. */
async function runNeeds(
  { printer }: VerbContext,
  folders: readonly ByteText[],
  { needs = '', format, shard: part }: ScanFlags,
  { onStep: _onStep, signal, ...conditions }: ScanOptions,
): Promise<number> {
  if (format === 'sarif') throw new UserError('invalidParams', 'Who needs a library is no finding: there is no SARIF.');
  if (part !== undefined) throw new UserError('invalidParams', '--needs asks about all files: it takes no --shard.');
  const library: NeededLibrary = needs.includes('/') ? { path: absolutePath(needs) } : { name: needs };
  const onProgress = (counts: ScanCounts): void => printer.progress(progressText(counts));
  const options = { onProgress, ...(signal !== undefined && { signal }) };
  const answer = await findWhoNeeds(library, [{ ...conditions, paths: folders }], options);
  if (format === 'json') {
    const dependents = answer.dependents.map(({ uri: _uri, ...dependent }) => dependent);
    printer.json({ schema: 'binary-detective/needs@1', folders, ...answer, dependents });
  } else {
    for (const dependent of answer.dependents) printDependent(printer, dependent);
    const { dependents, elf } = answer;
    printer.line(`${dependents.length} of ${elf} ELF files need ${displayText(needs)} themselves.`);
  }
  return answer.unreadable > 0 || answer.incomplete !== null ? exitCodes.failed : exitCodes.clean;
}

function printDependent(printer: Printer, { path, name, how, object }: Dependent): void {
  const place = printer.style('bold', displayText(path));
  const found = object === null ? 'not found' : displayText(object);
  const note = how === 'elsewhere' ? ' (another file)' : '';
  printer.line(`${place}: ${displayText(name)} => ${found}${note}`);
}
