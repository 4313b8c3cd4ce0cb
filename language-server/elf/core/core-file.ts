import type { ByteText } from '../../protocol/elf.ts';
import type { ElfImage } from '../reader/elf-image.ts';
import type { Note } from '../reader/notes.ts';
import { auxiliaryVectorName } from './auxiliary-vector.ts';
import { type MappedFile, readMappedFiles } from './mapped-files.ts';
import { type CoreProcess, decodeProcess } from './process-note.ts';
import { type CoreSignal, decodeSignal, signalOf } from './signal-note.ts';
import { type CoreThread, decodeThread } from './thread-note.ts';

/** What a core file tells of the process that it was made of (Linux `fs/binfmt_elf.c`, fill_note_info). */
export interface CoreFile {
  /** Null: there is no NT_PRPSINFO. */
  readonly process: CoreProcess | null;
  /** What ended the process, or stopped it when the core was made; null: nothing says. */
  readonly signal: CoreSignal | null;
  /** The thread that got the signal first. */
  readonly threads: readonly CoreThread[];
  /** In the order of their addresses. */
  readonly mappedFiles: readonly MappedFile[];
  /** What the kernel told the program at its start, the end mark left out. */
  readonly auxiliaryVector: readonly AuxiliaryEntry[];
}

export interface AuxiliaryEntry {
  readonly type: bigint;
  /** "AT_ENTRY"; "AT_0x63" where it is unknown. */
  readonly name: string;
  readonly value: bigint;
}

/** Note types of the owner CORE (`include/uapi/linux/elf.h`). */
export const coreNote = {
  threadStatus: 1,
  processInfo: 3,
  auxiliaryVector: 6,
  mappedFiles: 0x46494c45,
  signalInfo: 0x53494749,
} as const;

/** A list of all mapped files is as large as the kernel allows (`MAX_FILE_NOTE_SIZE`), and gdb's hardly larger. */
const maximumDescriptorBytes = 16 << 20;

/** @param notes Those of the file, in its order. What does not fit becomes a finding of the image. */
export function readCoreFile(image: ElfImage, notes: readonly Note[]): CoreFile {
  let process: CoreProcess | null = null;
  let signalInfo: CoreSignal | null = null;
  const threads: CoreThread[] = [];
  let mappedFiles: readonly MappedFile[] = [];
  let auxiliaryVector: readonly AuxiliaryEntry[] = [];
  for (const note of notes) {
    if (note.owner !== 'CORE') continue;
    const bytes = image.source.read(note.descriptorOffset, Math.min(note.descriptorBytes, maximumDescriptorBytes));
    switch (note.type) {
      case coreNote.threadStatus: {
        const thread = decodeThread(image, bytes, note.offset);
        if (thread === null) tooShort(image, note, 'NT_PRSTATUS');
        else threads.push(thread);
        break;
      }
      case coreNote.processInfo:
        process = decodeProcess(image.fields, bytes) ?? process;
        if (process === null) tooShort(image, note, 'NT_PRPSINFO');
        break;
      case coreNote.signalInfo:
        // gdb writes one for each thread; the first is that of the thread that was stopped.
        signalInfo ??= decodeSignal(image, bytes);
        break;
      case coreNote.auxiliaryVector:
        auxiliaryVector = readAuxiliaryVector(image, bytes);
        break;
      case coreNote.mappedFiles:
        mappedFiles = readMappedFiles(image, bytes, note);
        break;
      default:
        break;
    }
  }
  const first = threads[0];
  const signal = signalInfo ?? (first === undefined ? null : signalOf(image, first.signalNumber));
  return { process, signal, threads, mappedFiles, auxiliaryVector };
}

/** Paths of the files that were mapped, each once, the program first. */
export function mappedPaths({ mappedFiles }: CoreFile): readonly ByteText[] {
  return [...new Set(mappedFiles.map(({ path }) => path))];
}

function readAuxiliaryVector({ fields }: ElfImage, bytes: Buffer): readonly AuxiliaryEntry[] {
  const entries: AuxiliaryEntry[] = [];
  for (let at = 0; at + 2 * fields.wordBytes <= bytes.length; at += 2 * fields.wordBytes) {
    const type = fields.bigWord(bytes, at);
    if (type === 0n) break;
    entries.push({ type, name: auxiliaryVectorName(type), value: fields.bigWord(bytes, at + fields.wordBytes) });
  }
  return entries;
}

function tooShort(image: ElfImage, note: Note, name: string): void {
  image.findings.add({
    code: 'elf/core-note',
    severity: 'warning',
    message: `A note ${name} is too short for what it has to hold; it is left out.`,
    offset: note.offset,
    actual: `${note.descriptorBytes} bytes`,
    evidence: { rule: 'Linux include/uapi/linux/elfcore.h' },
  });
}
