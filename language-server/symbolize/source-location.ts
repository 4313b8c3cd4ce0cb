import { LRUCache } from 'lru-cache';
import { withPlainFile } from '../elf/archive/extract-member.ts';
import { type DebugFile, findDebugFile, systemDebugFolders } from '../elf/debug-file/find-debug-file.ts';
import { hasDebugInformation } from '../elf/debug-file/has-debug-information.ts';
import { debugInformationRemedy } from '../elf/debug-file/remedy.ts';
import type { ElfFile } from '../elf/elf-file.ts';
import { withElfFile } from '../elf/open-elf.ts';
import { hex } from '../elf/reader/fields.ts';
import { objectType } from '../elf/reader/file-header.ts';
import { buildIdOf } from '../elf/reader/note-description.ts';
import { decodeBytes } from '../native/byte-text.ts';
import type { NativeDoor, RunOutcome } from '../native/door.ts';
import { shellCommand } from '../native/shell-quote.ts';
import { displayText } from '../protocol/display-text.ts';
import type { ByteText, FileVersion } from '../protocol/elf.ts';
import { UserError } from '../protocol/errors.ts';
import type { NoSource, SourceFrame, SourceLocation, SourceLocationParams } from '../protocol/source-location.ts';
import { askAddr2line, type CodeFrame } from './addr2line.ts';
import { sourceFile } from './source-file.ts';
import { findSymbol } from './symbol-place.ts';

export interface SourceLocator {
  /**
   * Where in the source code a symbol or an address is.
   * Throws UserError as the readers of ELF files do, and toolMissing, toolFailed, toolTimedOut; invalidParams for a symbol that
   * the file does not define; what the signal is aborted with.
   */
  locate(path: ByteText, asked: Omit<SourceLocationParams, 'uri'>, signal?: AbortSignal): Promise<SourceLocation>;
}

/** What is asked of one file, once it is closed again. */
interface Question {
  readonly path: ByteText;
  readonly version: FileVersion;
  readonly address: bigint;
  /** Name of the section that the address is an offset in; undefined: it is an address. */
  readonly section: ByteText | undefined;
  /** Whether a symbol was asked for, and so the function itself. */
  readonly isSymbol: boolean;
  /** Null: the file has debug information itself. */
  readonly debug: DebugFile | null;
  /** The shell command with the path of the file behind it. */
  command(args: readonly string[]): string;
}

/** Some megabytes at most: a frame is a name and a path. */
const rememberedAddresses = 2000;

/** @param debugFolders Where separate debug files are installed. */
export function createSourceLocator(
  door: NativeDoor,
  debugFolders: readonly ByteText[] = systemDebugFolders,
): SourceLocator {
  const cache = new LRUCache<string, readonly CodeFrame[]>({ max: rememberedAddresses });
  return {
    async locate(path, asked, signal) {
      signal?.throwIfAborted();
      const prepared = await withElfFile(path, file => prepare(file, asked, debugFolders, signal));
      if ('kind' in prepared) return prepared;
      const { address, section, debug, version, isSymbol } = prepared;
      const key = JSON.stringify([debug?.version ?? version, section, hex(address)]);
      const known = cache.get(key) ?? (await frames(door, prepared, signal));
      cache.set(key, known);
      const shown = known.map(frame => sourceFrame(frame, path));
      const firstWithLine = shown.findIndex(({ line }) => line !== null);
      if (firstWithLine < 0) return noLine(prepared);
      const own = shown.length - 1;
      const primary = isSymbol && shown[own]?.line !== null ? own : firstWithLine;
      const debugFile = debug?.path ?? null;
      const command = commandOf(prepared);
      return { kind: 'found', version, address: hex(address), frames: shown, primary, debugFile, command };
    },
  };
}

async function prepare(
  file: ElfFile,
  asked: Omit<SourceLocationParams, 'uri'>,
  debugFolders: readonly ByteText[],
  signal: AbortSignal | undefined,
): Promise<Question | NoSource> {
  const { path, version, image } = file;
  const { address, section } = await placeOf(file, asked, signal);
  const isSymbol = asked.symbol !== undefined;
  const place = { path, version, address, section, isSymbol, command: file.command };
  if (hasDebugInformation(image)) return { ...place, debug: null };
  const { found, searched } = await findDebugFile(file, debugFolders, signal);
  if (found !== null) return { ...place, debug: found };
  const places = searched.length === 0 ? '' : ', and there is no separate debug file of it';
  return {
    kind: 'noDebugInformation',
    version,
    address: hex(address),
    message: `${displayText(path)} has no debug information: it was built without, or stripped${places}.`,
    remedy: debugInformationRemedy(path, buildIdOf(image, file.notes())),
    searched,
  };
}

interface AskedPlace {
  readonly address: bigint;
  readonly section: ByteText | undefined;
}

async function placeOf(
  file: ElfFile,
  { symbol, address, section }: Omit<SourceLocationParams, 'uri'>,
  signal: AbortSignal | undefined,
): Promise<AskedPlace> {
  const { image, path } = file;
  const isRelocatable = image.header.type === objectType.relocatable;
  const inSection = (index: number | undefined): ByteText | undefined => {
    const found = isRelocatable && index !== undefined ? image.sections.at(index) : undefined;
    return found === undefined ? undefined : image.sectionName(found);
  };
  if (address !== undefined && (!isRelocatable || section !== undefined || symbol === undefined)) {
    return { address: parseAddress(address), section: inSection(section) };
  }
  if (symbol === undefined) throw new UserError('invalidParams', 'Neither a symbol nor an address was asked for.');
  const place = await findSymbol(file, symbol, signal);
  const named = `"${displayText(symbol)}"`;
  switch (place.kind) {
    case 'place':
      return {
        address: address === undefined ? place.address : parseAddress(address),
        section: inSection(place.section),
      };
    case 'missing':
      throw new UserError('invalidParams', `${displayText(path)} has no symbol ${named}.`);
    case 'imported':
      throw new UserError(
        'invalidParams',
        `${named} is imported by ${displayText(path)}: its source is that of another file.`,
      );
    case 'noPlace':
      throw new UserError(
        'invalidParams',
        `${named} in ${displayText(path)} has no place that debug information tells a line of.`,
      );
  }
}

function parseAddress(text: string): bigint {
  if (!/^0x[\da-f]{1,16}$/iu.test(text)) {
    throw new UserError('invalidParams', `"${displayText(text.slice(0, 40))}" is no address such as 0x4011a0.`);
  }
  return BigInt(text);
}

async function frames(
  door: NativeDoor,
  { path, address, section, debug }: Question,
  signal: AbortSignal | undefined,
): Promise<readonly CodeFrame[]> {
  return await withPlainFile(debug?.path ?? path, async plain => {
    const place = section === undefined ? {} : { section };
    const answer = await askAddr2line(door, { file: plain.path, addresses: [address], ...place }, signal);
    if (answer.kind === 'failed') throw failure(answer.outcome, path, signal);
    return answer.frames.get(address) ?? [];
  });
}

function commandOf({ address, section, debug, command }: Question): string {
  const options = [
    'addr2line',
    '-a',
    '-f',
    '-i',
    '-C',
    ...(section === undefined ? [] : ['-j', section]),
    hex(address),
    '-e',
  ];
  return debug === null ? command(options) : shellCommand([...options, debug.path]);
}

function sourceFrame(frame: CodeFrame, binary: ByteText): SourceFrame {
  const { function: name, file, line, inlined } = frame;
  if (file === null) return { function: name, file: null, exists: false, line: null, inlined };
  const { path, exists } = sourceFile(file, binary);
  return { function: name, file: path, exists, line, inlined };
}

function noLine({ path, version, address, debug }: Question): NoSource {
  const where =
    debug === null ? displayText(path) : `${displayText(debug.path)}, the debug file of ${displayText(path)},`;
  return {
    kind: 'noLine',
    version,
    address: hex(address),
    message: `${where} has debug information, but none for ${hex(address)}: it comes from a source that was compiled without.`,
    remedy: 'Compile that source with -g.',
    searched: debug === null ? [] : [debug.path],
  };
}

function failure(outcome: RunOutcome, path: ByteText, signal: AbortSignal | undefined): Error {
  const name = displayText(path);
  switch (outcome.kind) {
    case 'missing':
      return new UserError('toolMissing', outcome.message, outcome.remedy);
    case 'timedOut':
      return new UserError(
        'toolTimedOut',
        `addr2line took longer than ${outcome.deadlineMs / 1000} seconds for ${name} and was ended.`,
      );
    case 'cancelled':
      signal?.throwIfAborted();
      return new UserError('toolFailed', 'addr2line was ended because the server is shutting down.');
    case 'untrusted':
    case 'spawnFailed':
      return new UserError('toolFailed', outcome.message);
    case 'exited': {
      const [words = ''] = decodeBytes(outcome.stderr).split('\n');
      const how = outcome.signal === null ? `exit code ${outcome.exitCode}` : `signal ${outcome.signal}`;
      const reason = words === '' ? 'it gave no reason' : displayText(words);
      return new UserError('toolFailed', `addr2line failed on ${name} (${how}): ${reason}.`);
    }
  }
}
