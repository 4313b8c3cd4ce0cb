import { disassembleAny } from '../../elf/archive/member-text.ts';
import type { ByteText } from '../../protocol/elf.ts';
import { formatOption } from '../options.ts';
import { absolutePath } from '../paths.ts';
import { exitCodes, type OutputFormat, type Verb, type VerbContext } from '../verb.ts';

interface DisassembleFlags {
  readonly format: OutputFormat;
  readonly source?: true;
}

export const disassembleVerb: Verb = {
  name: 'disassemble',
  declare: (program, run) => {
    program
      .command('disassemble')
      .description('machine code as text, from objdump')
      .argument('<file>', 'the ELF file')
      .argument('[symbol]', 'the symbol as it stands in the symbol table (mangled); default: the section .text')
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
  const disassembly = await disassembleAny(
    door,
    path,
    { ...(symbol !== undefined && { symbol }), source: flags.source === true },
    signal,
  );
  if (format === 'text') printer.line(disassembly.text.trimEnd());
  else printer.json({ schema: 'binary-detective/disassemble@1', path, symbol: symbol ?? null, ...disassembly });
  return exitCodes.clean;
}
