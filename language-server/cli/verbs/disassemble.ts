import { disassembleAny } from '../../elf/archive/member-text.ts';
import { createTextParts } from '../../elf/raw/text-parts.ts';
import { collectText, type OnText } from '../../elf/raw/text-writer.ts';
import type { ByteText } from '../../protocol/elf.ts';
import { formatOption, wholeNumber } from '../options.ts';
import { absolutePath } from '../paths.ts';
import { exitCodes, type OutputFormat, type Verb, type VerbContext } from '../verb.ts';

interface DisassembleFlags {
  readonly format: OutputFormat;
  readonly source?: true;
  readonly section?: ByteText;
  readonly maximumLines?: number;
}

export const disassembleVerb: Verb = {
  name: 'disassemble',
  declare: (program, run) => {
    program
      .command('disassemble')
      .description('machine code as text, from objdump')
      .argument('<file>', 'the ELF file')
      .argument('[symbol]', 'the symbol as it stands in the symbol table (mangled); default: the section .text')
      .option('--section <name>', 'all code of this section instead')
      .option('--maximum-lines <count>', 'end behind so many lines; default: all', wholeNumber(1))
      .option('--source', 'with the lines of the source between, where there is debug information')
      .addOption(formatOption())
      .action((file: ByteText, symbol: ByteText | undefined, flags: DisassembleFlags) =>
        run(context => runDisassemble(context, file, symbol, flags), flags.format),
      );
  },
};

async function runDisassemble(
  { door, printer, format, signal }: VerbContext,
  file: ByteText,
  symbol: ByteText | undefined,
  flags: DisassembleFlags,
): Promise<number> {
  const path = absolutePath(file);
  const { source = false, section, maximumLines = Number.POSITIVE_INFINITY } = flags;
  const part = { source, ...(symbol !== undefined && { symbol }), ...(section !== undefined && { section }) };
  if (format === 'text') {
    const parts = createTextParts(text => printer.line(text.trimEnd()));
    try {
      await disassembleAny(door, path, part, { maximumLines, onText: parts.onText, signal });
    } finally {
      parts.end();
    }
  } else {
    const print = (onText: OnText) => disassembleAny(door, path, part, { maximumLines, onText, signal });
    const printed = await collectText(print);
    printer.json({
      schema: 'binary-detective/disassemble@1',
      path,
      symbol: symbol ?? null,
      section: section ?? null,
      ...printed,
    });
  }
  return exitCodes.clean;
}
