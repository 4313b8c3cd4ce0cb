import { readFileSync } from 'node:fs';
import { createDemangler } from '../../demangle/demangler.ts';
import { environmentFromProcess } from '../../dependencies/loader/environment.ts';
import { explainText } from '../../explain/explain-text.ts';
import { decodeBytes } from '../../native/byte-text.ts';
import type { ByteText } from '../../protocol/elf.ts';
import { explanationText } from '../explanation-text.ts';
import { formatOption } from '../options.ts';
import { absolutePath } from '../paths.ts';
import { exitCodes, type OutputFormat, type Verb, type VerbContext } from '../verb.ts';

interface ExplainFlags {
  readonly format: OutputFormat;
  readonly directory?: ByteText;
  readonly libraryPath?: ByteText;
  readonly sysroot?: ByteText;
}

export const explainVerb: Verb = {
  name: 'explain',
  declare: (program, run) => {
    program
      .command('explain')
      .description(
        'what an error of the loader, of an import or of the link editor means, and what to do; runs nothing',
      )
      .argument('<text...>', 'the message, or a whole log; - reads standard input')
      .option('-C, --directory <folder>', 'relative names in the text count from here')
      .option('--library-path <path>', 'as if LD_LIBRARY_PATH were this')
      .option('--sysroot <folder>', 'look at the files below this folder instead of /')
      .addOption(formatOption())
      .action((words: readonly string[], flags: ExplainFlags) =>
        run(context => runExplain(context, words, flags), flags.format),
      );
  },
};

async function runExplain(
  { door, printer, format, signal }: VerbContext,
  words: readonly string[],
  { directory, libraryPath, sysroot }: ExplainFlags,
): Promise<number> {
  const text = words.length === 1 && words[0] === '-' ? decodeBytes(readFileSync(0)) : words.join(' ');
  const demangler = createDemangler(request => door.runTool('cxxfilt', request));
  const environment = environmentFromProcess();
  const answer = await explainText(text, {
    tree: {
      environment: { ...environment, ...(directory !== undefined && { cwd: absolutePath(directory) }) },
      ...(libraryPath !== undefined && { libraryPath }),
      ...(sysroot !== undefined && { sysroot: absolutePath(sysroot) }),
    },
    searchFolders: [],
    demangle: async names => (await demangler.demangle(names, signal)).names,
    signal,
  });
  if (format === 'json') printer.json({ schema: 'binary-detective/explain@1', ...answer });
  else for (const line of explanationText(printer, answer)) printer.line(line);
  return answer.explanations.length === 0 ? exitCodes.clean : exitCodes.findings;
}
