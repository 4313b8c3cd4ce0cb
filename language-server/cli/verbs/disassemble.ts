import { disassemble } from '../../elf/disassemble.ts';
import type { ByteText } from '../../protocol/elf.ts';
import { formatOption } from '../options.ts';
import { absolutePath } from '../paths.ts';
import { exitCodes, type Verb, type VerbContext } from '../verb.ts';

export const disassembleVerb: Verb = {
  name: 'disassemble',
  declare: (program, run) => {
    program
      .command('disassemble')
      .description('machine code as text, from objdump')
      .argument('<file>', 'the ELF file')
      .argument('[symbol]', 'the symbol as it stands in the symbol table (mangled); default: the section .text')
      .addOption(formatOption())
      .action((file: ByteText, symbol: ByteText | undefined, { format }) =>
        run(context => runDisassemble(context, file, symbol), format),
      );
  },
};

async function runDisassemble(
  { door, printer, format, signal }: VerbContext,
  file: ByteText,
  symbol: ByteText | undefined,
): Promise<number> {
  const path = absolutePath(file);
  const disassembly = await disassemble(door, path, symbol, signal);
  if (format === 'text') printer.line(disassembly.text.trimEnd());
  else printer.json({ schema: 'binary-detective/disassemble@1', path, symbol: symbol ?? null, ...disassembly });
  return exitCodes.clean;
}
