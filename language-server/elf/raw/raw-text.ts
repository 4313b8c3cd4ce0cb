import { closeSync, fstatSync } from 'node:fs';
import { decodeBytes } from '../../native/byte-text.ts';
import type { NativeDoor } from '../../native/door.ts';
import { shellCommand } from '../../native/shell-quote.ts';
import { displayText } from '../../protocol/display-text.ts';
import type { ByteText } from '../../protocol/elf.ts';
import { UserError } from '../../protocol/errors.ts';
import type { RawView } from '../../protocol/raw.ts';
import { openRegularFile, withElfFile } from '../open-elf.ts';
import { createByteSource } from '../reader/byte-source.ts';
import { foreignFormat } from '../reader/foreign-format.ts';
import { readFailure } from '../refusals.ts';
import { type Printed, printLines } from './print-lines.ts';
import { createTextWriter, cutAtLimit, type PrintedEnd, type PrintOptions } from './text-writer.ts';

/** Of a broken table a program can complain once an entry. */
const maximumWarnings = 100;

type Exited = Exclude<Printed, { readonly kind: 'enough' }>;

/**
 * The file as a program of binutils prints it, line by line, with its complaints behind. Throws UserError notFound, unreadable,
 * notRegularFile, notElf for what is neither an ELF file nor an archive, toolMissing, toolFailed, toolTimedOut; what the signal is
 * aborted with.
 */
export async function readRawText(
  door: NativeDoor,
  path: ByteText,
  view: RawView,
  { maximumLines, onText, signal, deadlineMs = Number.POSITIVE_INFINITY }: PrintOptions,
): Promise<PrintedEnd> {
  signal?.throwIfAborted();
  // Behind "--", a path that begins with "-" is no option.
  const args = [...(await optionsOf(view, path)), '--', path];
  const writer = createTextWriter({ maximumLines, onText });
  const run = await printLines(door, view, {
    args,
    deadlineMs,
    limits: { coreFiles: false },
    signal,
    onLine: writer.line,
  });
  const warnings = run.kind === 'enough' ? [] : warningsOf(run);
  if (run.kind !== 'enough' && !writer.hasText) refuseSilence(run, view, path, warnings);
  const command = shellCommand([view, ...args]);
  const truncated = run.kind === 'enough' ? cutAtLimit(maximumLines) : cutReason(run);
  writer.block(warnings);
  if (truncated !== null) writer.block([`${truncated} All of it: ${displayText(command)}`]);
  return { truncated, cutAtLines: run.kind === 'enough' ? maximumLines : null, command };
}

/** Wide: each entry on one line, which an editor need not wrap. */
async function optionsOf(view: RawView, path: ByteText): Promise<readonly string[]> {
  const isElf = requireBinary(path);
  switch (view) {
    case 'readelf':
      return ['--all', '--wide'];
    case 'objdump':
      return ['--all-headers', '--wide'];
    case 'nm':
      return isElf && (await hasDynamicSymbols(path)) ? ['--dynamic'] : [];
  }
}

/** Whether it is an ELF file; an archive is none, but the programs print its members. */
function requireBinary(path: ByteText): boolean {
  const fd = openRegularFile(path);
  try {
    const source = createByteSource(fd, fstatSync(fd).size);
    if (source.read(0, 4).toString('latin1') === '\x7fELF') return true;
    if (/^!<(?:arch|thin)>\n$/u.test(source.read(0, 8).toString('latin1'))) return false;
    throw new UserError('notElf', `${displayText(path)} is ${foreignFormat(source).description}.`);
  } catch (error) {
    throw readFailure(path, error);
  } finally {
    closeSync(fd);
  }
}

async function hasDynamicSymbols(path: ByteText): Promise<boolean> {
  try {
    return await withElfFile(path, file => file.dynamicSymbols() !== null);
  } catch (error) {
    // Too broken for us; nm shall say so in its own words.
    if (error instanceof UserError) return false;
    throw error;
  }
}

/** Without a word there is nothing to show. A complaint alone ("no symbols") is an answer where the program calls it success. */
function refuseSilence(run: Exited, view: RawView, path: ByteText, warnings: readonly string[]): void {
  const name = displayText(path);
  if (run.kind === 'timedOut') {
    const seconds = run.deadlineMs / 1000;
    throw new UserError('toolTimedOut', `${view} printed nothing about ${name} in ${seconds} seconds and was ended.`);
  }
  if (run.exitCode === 0 && warnings.length > 0) return;
  const how = run.signal === null ? `exit code ${run.exitCode}` : `signal ${run.signal}`;
  // The first complaint is the cause, later ones its consequences.
  throw new UserError('toolFailed', `${view} failed on ${name} (${how}): ${warnings[0] ?? 'it gave no reason'}.`);
}

function cutReason(run: Exited): string | null {
  if (run.kind === 'timedOut') return `Cut here: after ${run.deadlineMs / 1000} seconds the program was ended.`;
  return run.signal === null ? null : `Cut here: the program was ended by ${run.signal}.`;
}

function warningsOf({ stderr }: Exited): readonly string[] {
  const lines = decodeBytes(stderr)
    .split('\n')
    .filter(line => line.trim() !== '')
    .map(displayText);
  const more = lines.length - maximumWarnings;
  return more > 0 ? [...lines.slice(0, maximumWarnings), `… and ${more} more lines of this kind`] : lines;
}
