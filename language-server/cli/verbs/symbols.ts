import { Option } from 'commander';
import type { ByteText } from '../../protocol/elf.ts';
import { absolutePath } from '../paths.ts';
import { printTable, type TableFlags, type TableRequest } from '../print-table.ts';
import { withTableOptions } from '../table-options.ts';
import type { Verb } from '../verb.ts';

type Part = 'all' | 'imports' | 'exports' | 'undefined';

interface SymbolFlags extends TableFlags {
  readonly dynamic?: true;
  readonly part: Part;
}

/** What the views of the tables have too. */
const filters: Readonly<Record<Part, string>> = {
  all: '',
  imports: 'section:UND -bind:LOCAL',
  exports: '-section:UND -bind:LOCAL -visibility:HIDDEN -visibility:INTERNAL',
  undefined: 'section:UND -bind:LOCAL',
};

export const symbolsVerb: Verb = {
  name: 'symbols',
  declare: (program, run) => {
    const parts: readonly Part[] = ['all', 'imports', 'exports', 'undefined'];
    withTableOptions(
      program
        .command('symbols')
        .description('the symbols of an ELF file; of an archive, its symbol index')
        .argument('<file>', 'the file, or a member of an archive: libx.a(part.o)')
        .option('--dynamic', 'those that the loader sees (.dynsym); default: .symtab where it is there')
        .addOption(new Option('--part <part>', 'imports and exports are of .dynsym').choices(parts).default('all')),
    ).action((file: ByteText, flags: SymbolFlags) =>
      run(context => printTable(context, requestOf(file, flags), flags), flags.format),
    );
  },
};

function requestOf(file: ByteText, { dynamic, part }: SymbolFlags): TableRequest {
  const isDynamic = dynamic === true || part === 'imports' || part === 'exports';
  const tables = isDynamic ? ['dynamic-symbols'] : ['symbols', 'dynamic-symbols', 'symbol-index'];
  return { path: absolutePath(file), tables, name: 'symbols', view: filters[part] };
}
