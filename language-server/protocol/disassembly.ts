import type { ByteText, FileParams } from './elf.ts';
import { requestMethod } from './method.ts';
import type { PrintedText, PrintedTextParams } from './printed-text.ts';

/**
 * The outline, folds, definitions, references, highlights and hovers of a listing travel as LSP has them, for every open
 * document of this language or scheme. The query of a document's URI says in JSON what it shows:
 * `{"file": "file:///…", "symbol": "main"}` or `{"file": "file:///…", "section": ".init"}`.
 */
export const disassemblyScheme = 'binary-detective-disassembly';

/** Language of listings under any scheme. */
export const disassemblyLanguageId = 'binary-detective-disassembly';

/** What of a file is disassembled: one symbol, or one section; neither: the section `.text`, or all code where there is none. */
export interface DisassembledPart {
  /** As it stands in the symbol table (mangled). */
  readonly symbol?: ByteText;
  /** Name of a section with code; not beside a symbol. */
  readonly section?: ByteText;
  /** The lines of the source between the instructions, where the file has debug information and the source is there. */
  readonly source?: boolean;
}

export interface DisassembleParams extends FileParams, DisassembledPart, PrintedTextParams {}

/**
 * Client → server: machine code as text, from `objdump -d --disassemble=SYMBOL` or `objdump -d --section=NAME`; from
 * `llvm-objdump` where objdump does not know the machine. Streams {@link PrintedPart}, so that the first lines are there at
 * once and nothing is collected. Cancelling ends the program.
 * Errors: as {@link elfOverview}; toolMissing, toolFailed, toolTimedOut (only where nothing is streamed); invalidParams for what
 * is not there or has no code.
 */
export const disassemble = requestMethod<DisassembleParams, PrintedText>('binaryDetective/elf/disassemble');
