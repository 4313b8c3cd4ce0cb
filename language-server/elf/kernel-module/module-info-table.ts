import { hex } from '../reader/fields.ts';
import { column, type ElfTable, rowsOf } from '../tables/table.ts';
import { readKernelModule } from './kernel-module.ts';

/** `.modinfo` of a kernel module, as `modinfo` prints it. */
export const moduleInfoTable: ElfTable = {
  id: 'module-info',
  title: 'Module Info',
  columns: [column('key', 'Key', 'name'), column('value', 'Value', 'text'), column('offset', 'Offset', 'address')],
  command: ['modinfo'],
  open({ image }) {
    const module = readKernelModule(image);
    return module === null ? null : rowsOf(module.entries.map(({ key, value, offset }) => [key, value, hex(offset)]));
  },
};
