import { shellCommand } from '../native/shell-quote.ts';
import type { ByteText, FileVersion } from '../protocol/elf.ts';
import type { Finding } from '../protocol/finding.ts';
import { type CoreFile, readCoreFile } from './core/core-file.ts';
import { type KernelModule, readKernelModule } from './kernel-module/kernel-module.ts';
import { type DynamicSection, readDynamicSection } from './reader/dynamic-section.ts';
import type { ElfImage } from './reader/elf-image.ts';
import { objectType } from './reader/file-header.ts';
import { type Note, readNotes } from './reader/notes.ts';
import { openDynamicSymbols, openStaticSymbols, type SymbolTable } from './reader/symbol-table.ts';
import { readSymbolVersions, type SymbolVersions } from './reader/symbol-versions.ts';

/** An open ELF file: its skeleton, and its parts, each read the first time that it is asked for. */
export interface ElfFile {
  readonly kind: 'elf';
  readonly path: ByteText;
  readonly version: FileVersion;
  readonly image: ElfImage;
  dynamic(): DynamicSection | null;
  dynamicSymbols(): SymbolTable | null;
  staticSymbols(): SymbolTable | null;
  versions(): SymbolVersions;
  notes(): readonly Note[];
  /** What a core file tells of its process; null: it is no core file. */
  core(): CoreFile | null;
  /** What a kernel module says of itself; null: it is no kernel module. */
  kernelModule(): KernelModule | null;
  /** A shell command about this file: the path comes behind the arguments. */
  command(args: readonly string[]): string;
  addFinding(finding: Finding): void;
  /** Whether the file on disk is no longer the one that was opened: what was read may be a mixture of two files. */
  hasChanged(): boolean;
  /** What was found until now, the change of the file under our hands included. */
  findings(): readonly Finding[];
}

export const changedWhileReading: Finding = {
  code: 'elf/changed-while-reading',
  severity: 'warning',
  message: 'The file was changed while it was read; what is shown may be a mixture of two files. Open it again.',
};

/** Which bytes a file had when it was opened, and has now. */
export interface FileVersions {
  readonly version: FileVersion;
  currentVersion(): FileVersion;
}

export function createElfFile(
  path: ByteText,
  { version, currentVersion }: FileVersions,
  image: ElfImage,
  command: ElfFile['command'] = args => shellCommand([...args, path]),
): ElfFile {
  const hasChanged = (): boolean => image.source.hasShrunk() || currentVersion() !== version;
  const notes = once(() => readNotes(image));
  const dynamic = once(() => readDynamicSection(image));
  return {
    kind: 'elf',
    path,
    version,
    image,
    dynamic,
    dynamicSymbols: once(() => openDynamicSymbols(image, dynamic())),
    staticSymbols: once(() => openStaticSymbols(image)),
    versions: once(() => readSymbolVersions(image, dynamic())),
    notes,
    core: once(() => (image.header.type === objectType.core ? readCoreFile(image, notes()) : null)),
    kernelModule: once(() => (image.header.type === objectType.relocatable ? readKernelModule(image) : null)),
    command,
    addFinding: finding => image.findings.add(finding),
    hasChanged,
    findings() {
      if (hasChanged()) image.findings.add(changedWhileReading);
      return image.findings.list();
    },
  };
}

function once<T>(compute: () => T): () => T {
  let result: { readonly value: T } | undefined;
  return () => {
    result ??= { value: compute() };
    return result.value;
  };
}
