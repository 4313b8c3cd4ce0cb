import { environmentFromProcess } from '../../dependencies/loader/environment.ts';
import { inspectFile } from '../../elf/inspection.ts';
import { debugFileText, extensionTexts, languageText } from '../../elf/origin-facts.ts';
import { expandedRunPath } from '../../elf/run-path-text.ts';
import { withLoaderFindings } from '../../file-findings.ts';
import { displayText } from '../../protocol/display-text.ts';
import type { ByteText, Inspection, PlatformVerdict } from '../../protocol/elf.ts';
import { UserError } from '../../protocol/errors.ts';
import type { Finding } from '../../protocol/finding.ts';
import { failureText } from '../failure.ts';
import { formatOption } from '../options.ts';
import { absolutePath } from '../paths.ts';
import { definitionLines, type Printer, severityText } from '../printer.ts';
import { exitCodeOf, exitCodes, type Verb, type VerbContext } from '../verb.ts';

export const inspectVerb: Verb = {
  name: 'inspect',
  declare: (program, run) => {
    program
      .command('inspect')
      .description('what an ELF file is, what the loader sees of it, how it is hardened, what is wrong with it')
      .argument('<file...>', 'ELF files')
      .addOption(formatOption())
      .action((files: readonly ByteText[], { format }) => run(context => runInspect(context, files), format));
  },
};

/** A file that cannot be inspected does not keep the others from being shown. */
async function runInspect(context: VerbContext, files: readonly ByteText[]): Promise<number> {
  const { printer, format, signal } = context;
  const inspections: Inspection[] = [];
  const errors: { readonly path: ByteText; readonly kind: string; readonly message: string }[] = [];
  const environment = environmentFromProcess();
  for (const file of files) {
    const path = absolutePath(file);
    try {
      const inspection = await withLoaderFindings(await inspectFile(path, signal), path, { environment }, signal);
      if (format === 'text') printInspection(printer, inspection, inspections.length > 0);
      inspections.push(inspection);
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      printer.error(failureText(error));
      errors.push({ path, kind: error.kind, message: error.message });
    }
  }
  if (format === 'json') printer.json({ schema: 'binary-detective/inspect@1', files: inspections, errors });
  return errors.length > 0 ? exitCodes.failed : exitCodeOf(inspections.flatMap(({ findings }) => findings));
}

function printInspection(printer: Printer, inspection: Inspection, isFurther: boolean): void {
  if (isFurther) printer.line();
  printer.line(printer.style('bold', displayText(inspection.path)));
  printer.line(`  ${inspection.summary}`);
  const { soname, interpreter, needed, rpath, runpath, buildId } = inspection;
  const texts: readonly (readonly [string, string | null])[] = [
    ['SONAME', soname],
    ['interpreter', interpreter],
    ['NEEDED', needed.length === 0 ? null : needed.join(', ')],
    ['RPATH', runPathText(rpath, inspection.path)],
    ['RUNPATH', runPathText(runpath, inspection.path)],
    ['build ID', buildId],
    ['debug symbols', inspection.debugFile === null ? null : debugFileText(inspection.debugFile)],
    ...inspection.languages.map(language => ['language', languageText(language)] as const),
    ['extension of', inspection.extension === null ? null : extensionTexts(inspection.extension).join(', ')],
    ...Object.entries(inspection.hardening).map(
      ([name, { verdict, evidence }]) =>
        [name, verdict === 'notApplicable' ? null : `${verdict} (${evidence})`] as const,
    ),
    ...Object.entries(inspection.floors).map(
      ([name, { version, symbols }]) => [`at least ${name}`, `${version}${asked(symbols)}`] as const,
    ),
    ['runs on', runsOn(inspection.platforms)],
    ['too new for', tooNewFor(inspection.platforms)],
  ];
  const entries = texts.flatMap(([label, text]) => (text === null ? [] : [[label, displayText(text)] as const]));
  for (const line of definitionLines(entries)) printer.line(line);
  for (const finding of inspection.findings) printFinding(printer, finding);
}

/** With what `$ORIGIN` is where the file lies now. */
function runPathText(runPath: ByteText | null, path: ByteText): string | null {
  const entries = expandedRunPath(runPath, path);
  return entries.length === 0 ? null : entries.join(', ');
}

/** The oldest release of each family that runs the file: "Debian 12 (bookworm), Ubuntu 22.04 and newer". */
function runsOn(platforms: readonly PlatformVerdict[]): string | null {
  const names = platforms.flatMap(({ family, oldest, bundle }) => {
    if (oldest === null) return [];
    // Profiles bear the name of their family. A wheel may bring along what they lack.
    const name = oldest.name.startsWith(family) ? oldest.name : `${family} ${oldest.name}`;
    return [bundle.length === 0 ? name : `${name} with ${bundle.length} more libraries`];
  });
  return names.length === 0 ? null : `${names.join(', ')} and newer`;
}

function tooNewFor(platforms: readonly PlatformVerdict[]): string | null {
  const names = platforms
    .filter(({ kind }) => kind === 'tooNew')
    .map(({ family, reasons: [reason] }) =>
      reason === undefined ? family : `${family} (${reason.family} ${reason.has ?? 'none'}, needs ${reason.needs})`,
    );
  return names.length === 0 ? null : names.join(', ');
}

/** Which symbols ask for the newest version, as many as fit on a line. */
function asked(symbols: readonly string[]): string {
  if (symbols.length === 0) return '';
  const shown = symbols.slice(0, 4).join(', ');
  return ` (for ${shown}${symbols.length > 4 ? ` and ${symbols.length - 4} more` : ''})`;
}

export function printFinding(printer: Printer, { severity, code, message, offset }: Finding): void {
  const place = offset === undefined ? '' : ` (offset 0x${offset.toString(16)})`;
  printer.line(`  ${severityText(printer, severity)}: ${displayText(message)}${place} [${code}]`);
}
