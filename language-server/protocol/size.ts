import type { ByteText, FileParams, FileVersion } from './elf.ts';
import type { Finding } from './finding.ts';
import { requestMethod } from './method.ts';

export interface SizeParams extends FileParams {
  /** At most this many parts below each part, the rest as one part `[others]`; the server caps it at 10,000. Absent: 50. */
  readonly limit?: number;
  /** Only this section, by its number: the root of the answer is it. */
  readonly section?: number;
}

/**
 * What a part is: `headers` of the file and its tables; a `section`; a `symbol` in it; what a section has between symbols
 * (`gap`); bytes of a loadable `segment` that are in no section; bytes that nothing speaks of (`unmapped`); `others` below the
 * limit.
 */
export type SizePartKind = 'file' | 'headers' | 'section' | 'symbol' | 'gap' | 'segment' | 'unmapped' | 'others';

/** The sizes of a part are the sums of those of its children, exactly, where it has any. Largest child first. */
export interface SizePart {
  /** Of sections and symbols the name as it stands in the file; of all else a name in brackets. */
  readonly name: ByteText;
  readonly kind: SizePartKind;
  /** Bytes of the file. */
  readonly fileBytes: number;
  /** Bytes of memory once it is loaded; of an object file, what its sections will need. */
  readonly memoryBytes: number;
  /** Number of the section, of a section. */
  readonly section?: number;
  /** How many parts `[others]` stands for. */
  readonly count?: number;
  readonly children: readonly SizePart[];
}

export interface SizeReport {
  readonly path: ByteText;
  readonly version: FileVersion;
  /** Its sizes are those of the file, and of all its loadable segments. */
  readonly root: SizePart;
  /** Where the symbols are from; null: there are none. */
  readonly symbolTable: '.symtab' | '.dynsym' | null;
  readonly findings: readonly Finding[];
  /** Shell commands that show the same. */
  readonly commands: readonly string[];
}

/**
 * Client → server: what takes the room in a file, section by section and symbol by symbol. Each byte belongs to one part.
 * Reads all symbols. Cancellable.
 * Errors: as `elf/overview`; invalidParams for a section that is not there.
 */
export const elfSize = requestMethod<SizeParams, SizeReport>('binaryDetective/elf/size');
