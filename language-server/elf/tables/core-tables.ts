import { signalName } from '../core/signal-names.ts';
import { hex } from '../reader/fields.ts';
import { digits } from './number-text.ts';
import { type Cells, column, type ElfTable, type TableRows } from './table.ts';

/** Rows that are made when they are asked for; null: there are none. */
function rowsFrom<T>(items: readonly T[], cells: (item: T, index: number) => Cells): TableRows | null {
  if (items.length === 0) return null;
  return {
    count: items.length,
    page: (first, count) => items.slice(first, first + count).map((item, at) => cells(item, first + at)),
  };
}

/** Threads of a core file, the one that got the signal first, as `eu-readelf -n` prints them. */
export const threadsTable: ElfTable = {
  id: 'threads',
  title: 'Threads',
  columns: [
    column('number', 'Nr', 'number'),
    column('thread', 'Thread', 'number'),
    column('signal', 'Signal', 'name'),
    column('instruction', 'Instruction', 'address'),
    column('stack', 'Stack', 'address'),
    column('parent', 'Parent', 'number'),
    column('offset', 'Offset', 'address'),
  ],
  command: ['eu-readelf', '-n'],
  open(file) {
    const { fields, header } = file.image;
    const address = (value: bigint | null): string => (value === null ? '' : digits(value, fields));
    return rowsFrom(file.core()?.threads ?? [], (thread, index) => [
      String(index),
      String(thread.id),
      thread.signalNumber === 0 ? '' : signalName(header.machine, thread.signalNumber),
      address(thread.instructionPointer),
      address(thread.stackPointer),
      String(thread.parentId),
      hex(thread.noteOffset),
    ]);
  },
};

/** Files that the process of a core file had in its memory, as `readelf -n` prints them (NT_FILE). */
export const mappedFilesTable: ElfTable = {
  id: 'mapped-files',
  title: 'Mapped Files',
  columns: [
    column('start', 'Start', 'address'),
    column('end', 'End', 'address'),
    column('size', 'Size', 'size'),
    column('fileOffset', 'File Offset', 'address'),
    column('path', 'Path', 'name'),
  ],
  command: ['readelf', '-nW'],
  open(file) {
    const { fields } = file.image;
    return rowsFrom(file.core()?.mappedFiles ?? [], ({ start, end, fileOffset, path }) => [
      digits(start, fields),
      digits(end, fields),
      String(end - start),
      hex(fileOffset),
      path,
    ]);
  },
};

/** What the kernel told the program at its start (NT_AUXV). */
export const auxiliaryVectorTable: ElfTable = {
  id: 'auxiliary-vector',
  title: 'Auxiliary Vector',
  columns: [column('name', 'Name', 'name'), column('type', 'Type', 'number'), column('value', 'Value', 'address')],
  command: ['eu-readelf', '-n'],
  open: file =>
    rowsFrom(file.core()?.auxiliaryVector ?? [], ({ name, type, value }) => [name, String(type), hex(value)]),
};

/** What a kernel module says of itself, as `modinfo` prints it. */
export const moduleInfoTable: ElfTable = {
  id: 'modinfo',
  title: 'Module Info',
  columns: [column('key', 'Key', 'text'), column('value', 'Value', 'name'), column('offset', 'Offset', 'address')],
  command: ['modinfo'],
  open: file => rowsFrom(file.kernelModule()?.entries ?? [], ({ key, value, offset }) => [key, value, hex(offset)]),
};
