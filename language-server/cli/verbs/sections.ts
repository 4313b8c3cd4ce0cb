import type { ByteText } from '../../protocol/elf.ts';
import { absolutePath } from '../paths.ts';
import { printTable, type TableFlags } from '../print-table.ts';
import { withTableOptions } from '../table-options.ts';
import type { Verb } from '../verb.ts';

export const sectionsVerb: Verb = {
  name: 'sections',
  declare: (program, run) => {
    withTableOptions(
      program
        .command('sections')
        .description('the sections of an ELF file, and the segments that each lies in')
        .argument('<file>', 'the file, or a member of an archive: libx.a(part.o)'),
    ).action((file: ByteText, flags: TableFlags) =>
      run(
        context => printTable(context, { path: absolutePath(file), tables: ['sections'], name: 'sections' }, flags),
        flags.format,
      ),
    );
  },
};
