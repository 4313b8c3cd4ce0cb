import type { ByteText } from '../../protocol/elf.ts';
import type { ByteStructure, ElfBytes, FileRange } from '../../protocol/elf-bytes.ts';
import type { ElfFile } from '../elf-file.ts';
import { withElfFile } from '../open-elf.ts';
import { contentsAt } from './contents-at.ts';
import { dynamicEntriesAt } from './dynamic-at.ts';
import { fileHeaderAt, programHeadersAt, sectionHeadersAt, sectionsAt, segmentsAt } from './headers-at.ts';
import { namedAt } from './named-at.ts';
import { notesAt } from './notes-at.ts';
import { relocationsAt } from './relocations-at.ts';
import { stringsAt } from './strings-at.ts';
import type { StructureFinder } from './structure.ts';
import { symbolsAt } from './symbols-at.ts';
import { versionsAt } from './versions-at.ts';

/** A new kind of structure is a finder in this list. */
const finders: readonly StructureFinder[] = [
  fileHeaderAt,
  programHeadersAt,
  sectionHeadersAt,
  segmentsAt,
  sectionsAt,
  contentsAt,
  dynamicEntriesAt,
  symbolsAt,
  versionsAt,
  relocationsAt,
  notesAt,
  stringsAt,
];

const maximumBytes = 4096;
/** Of one kind: more than fit side by side on so few bytes, so that only hostile, overlapping ones are left out. */
const maximumOfOneFinder = 2500;

/**
 * Some bytes of a file and what lies on them.
 * Throws UserError notFound, unreadable, notRegularFile, notElf, notSupported, or what the signal is aborted with.
 */
export async function readBytes(
  path: ByteText,
  asked: { readonly offset: number; readonly length: number },
  signal?: AbortSignal,
): Promise<ElfBytes> {
  signal?.throwIfAborted();
  return await withElfFile(path, async (file): Promise<ElfBytes> => {
    const { source } = file.image;
    const bytes = source.read(asked.offset, Math.min(asked.length, maximumBytes));
    const range = { offset: asked.offset, length: bytes.length };
    const structures = [...structuresAt(file, range), ...(await namedAt(file, range, signal))].sort(inOrder);
    return {
      version: file.version,
      sizeBytes: source.sizeBytes,
      offset: range.offset,
      bytes: bytes.toString('base64'),
      structures,
      command: file.command(['xxd', '-s', String(range.offset), '-l', String(range.length)]),
      findings: file.findings(),
    };
  });
}

function structuresAt(file: ElfFile, range: FileRange): readonly ByteStructure[] {
  if (range.length === 0) return [];
  return finders.flatMap(find => firstOf(find(file, range), file));
}

function inOrder(one: ByteStructure, other: ByteStructure): number {
  return one.start - other.start || other.length - one.length;
}

function firstOf(structures: Iterable<ByteStructure>, { image }: ElfFile): readonly ByteStructure[] {
  const found: ByteStructure[] = [];
  for (const structure of structures) {
    if (found.length >= maximumOfOneFinder) {
      image.findings.add({
        code: 'elf/many-structures',
        severity: 'information',
        message: 'More structures lie on these bytes than can be shown: the tables of the file overlap.',
      });
      break;
    }
    found.push(structure);
  }
  return found;
}
