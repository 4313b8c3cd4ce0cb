import { environmentFromProcess } from '../../dependencies/environment.ts';
import { resolveTree, type TreeOptions } from '../../dependencies/tree.ts';
import { verifyWithLoader } from '../../dependencies/verify.ts';
import { explainName } from '../../dependencies/why.ts';
import type { DependencyTree } from '../../protocol/dependencies.ts';
import type { ByteText } from '../../protocol/elf.ts';
import { type TreeGraphFormat, treeAsGraph, treeGraphFormats } from '../../protocol/tree-graph.ts';
import { formatOption } from '../options.ts';
import { absolutePath } from '../paths.ts';
import { treeLines, verificationLines, whyLines } from '../tree-text.ts';
import { exitCodeOf, exitCodes, type Verb, type VerbContext } from '../verb.ts';
import { printFinding } from './inspect.ts';

interface TreeFlags {
  readonly format: 'text' | 'json' | TreeGraphFormat;
  readonly why?: ByteText;
  readonly sysroot?: ByteText;
  readonly libraryPath?: ByteText;
  readonly verify?: true;
}

export const treeVerb: Verb = {
  name: 'tree',
  declare: (program, run) => {
    program
      .command('tree')
      .description('what the loader will load for a file, and why from there; runs nothing')
      .argument('<file>', 'a program or a shared library')
      .option('--why <name>', 'only the ways that lead to this needed name')
      .option('--library-path <path>', 'as if LD_LIBRARY_PATH were this')
      .option('--sysroot <folder>', 'resolve below this folder instead of /')
      .option('--verify', 'also ask the loader itself (this runs it on the file) and tell differences')
      .addOption(formatOption(treeGraphFormats))
      .action((file: ByteText, flags: TreeFlags) =>
        run(context => runTree(context, file, flags), flags.format === 'json' ? 'json' : 'text'),
      );
  },
};

async function runTree(context: VerbContext, file: ByteText, flags: TreeFlags): Promise<number> {
  const { printer, format, signal } = context;
  const environment = environmentFromProcess();
  const options: TreeOptions = {
    environment,
    ...(flags.libraryPath !== undefined && { libraryPath: flags.libraryPath }),
    ...(flags.sysroot !== undefined && { sysroot: absolutePath(flags.sysroot) }),
  };
  const tree = await resolveTree(absolutePath(file), options, signal);
  if (flags.format === 'dot' || flags.format === 'mermaid') {
    printer.line(treeAsGraph(tree, flags.format).trimEnd());
    return exitCodeOf(tree.problems);
  }
  const ways = flags.why === undefined ? undefined : explainName(tree, flags.why);
  const verification = flags.verify === true ? await verifyWithLoader(context.door, tree, options, signal) : undefined;
  if (format === 'json') {
    printer.json({
      schema: 'binary-detective/tree@1',
      ...tree,
      ...(ways !== undefined && { why: ways }),
      ...(verification !== undefined && { verification }),
    });
  } else {
    printTree(context, tree, ways === undefined ? treeLines(printer, tree) : whyLines(printer, tree, ways));
    if (verification !== undefined) for (const line of verificationLines(verification)) printer.line(line);
  }
  return verification?.kind === 'differs' ? exitCodes.findings : exitCodeOf(tree.problems);
}

function printTree({ printer }: VerbContext, tree: DependencyTree, lines: Iterable<string>): void {
  for (const line of lines) printer.line(line);
  for (const problem of tree.problems) printFinding(printer, problem);
}
