import { Option } from 'commander';
import type { ByteText, StringsRequest } from '../../protocol/elf.ts';
import { wholeNumber } from '../options.ts';
import { absolutePath } from '../paths.ts';
import { printTable, type TableFlags } from '../print-table.ts';
import { withTableOptions } from '../table-options.ts';
import type { Verb } from '../verb.ts';

interface StringFlags extends TableFlags {
  readonly minimumLength: number;
  readonly encoding: NonNullable<StringsRequest['encoding']>;
  readonly section?: ByteText;
}

export const stringsVerb: Verb = {
  name: 'strings',
  declare: (program, run) => {
    withTableOptions(
      program
        .command('strings')
        .description('the texts in an ELF file, as strings -a finds them')
        .argument('<file>', 'the file, or a member of an archive: libx.a(part.o)')
        .option('--section <name>', 'only those in this section')
        .option('--minimum-length <count>', 'shortest length, in characters', wholeNumber(1), 4)
        .addOption(
          new Option('--encoding <encoding>', 'what counts as text').choices(['ascii', 'utf-8']).default('ascii'),
        ),
    ).action((file: ByteText, flags: StringFlags) => {
      const { minimumLength, encoding, section } = flags;
      const strings = { minimumLength, encoding, ...(section !== undefined && { section }) };
      return run(
        context =>
          printTable(context, { path: absolutePath(file), tables: ['strings'], name: 'strings', strings }, flags),
        flags.format,
      );
    });
  },
};
