import type { ElfFile } from '../elf-file.ts';
import { hex } from '../reader/fields.ts';
import { objectType } from '../reader/file-header.ts';
import { digits } from '../tables/number-text.ts';
import { column, type ElfTable, rowsOf } from '../tables/table.ts';
import { type CoreFile, readCoreFile } from './core-file.ts';
import { signalName } from './signal-names.ts';

const command = ['eu-readelf', '-n'];

/** The threads of a core file, that which got the signal first. */
export const threadsTable: ElfTable = {
  id: 'threads',
  title: 'Threads',
  columns: [
    column('thread', 'Thread', 'number'),
    column('signal', 'Signal', 'text'),
    column('instruction', 'Instruction Pointer', 'address'),
    column('stack', 'Stack Pointer', 'address'),
    column('note', 'Offset', 'address'),
  ],
  command,
  open(file) {
    const core = coreOf(file);
    if (core === null) return null;
    const { fields, header } = file.image;
    const address = (value: bigint | null): string => (value === null ? '' : digits(value, fields));
    return rowsOf(
      core.threads.map(({ id, signalNumber, instructionPointer, stackPointer, noteOffset }) => [
        String(id),
        signalNumber === 0 ? '' : signalName(header.machine, signalNumber),
        address(instructionPointer),
        address(stackPointer),
        hex(noteOffset),
      ]),
    );
  },
};

/** The files that the process had in its memory. */
export const mappedFilesTable: ElfTable = {
  id: 'mapped-files',
  title: 'Mapped Files',
  columns: [
    column('path', 'Path', 'name'),
    column('start', 'Start', 'address'),
    column('end', 'End', 'address'),
    column('offset', 'File Offset', 'address'),
  ],
  command,
  open(file) {
    const core = coreOf(file);
    if (core === null || core.mappedFiles.length === 0) return null;
    const { fields } = file.image;
    return rowsOf(
      core.mappedFiles.map(({ path, start, end, fileOffset }) => [
        path,
        digits(start, fields),
        digits(end, fields),
        hex(fileOffset),
      ]),
    );
  },
};

/** What the kernel told the program at its start. */
export const auxiliaryVectorTable: ElfTable = {
  id: 'auxiliary-vector',
  title: 'Auxiliary Vector',
  columns: [column('name', 'Name', 'name'), column('value', 'Value', 'address')],
  command,
  open(file) {
    const core = coreOf(file);
    if (core === null || core.auxiliaryVector.length === 0) return null;
    return rowsOf(core.auxiliaryVector.map(({ name, value }) => [name, hex(value)]));
  },
};

function coreOf(file: ElfFile): CoreFile | null {
  return file.image.header.type === objectType.core ? readCoreFile(file.image, file.notes()) : null;
}
