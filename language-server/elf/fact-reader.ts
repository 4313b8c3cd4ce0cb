import type { ByteText, ElfIdentity, Origins } from '../protocol/elf.ts';
import type { ElfFile } from './elf-file.ts';

/** A fact of the overview. A new one is an entry of the list in facts.ts. */
export interface FactReader {
  readonly label: string;
  /** Arguments of the command that shows the same; the path comes behind them. */
  readonly command: readonly string[];
  /** Nothing: the fact is not shown for this file. */
  values(file: ElfFile, identity: ElfIdentity, origins: Origins): readonly ByteText[];
}
