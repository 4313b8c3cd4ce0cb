import { Option } from 'commander';
import { checkSymbols } from '../../dependencies/symbols/check-symbols.ts';
import { findInterposed } from '../../dependencies/symbols/interposed.ts';
import { findProvider } from '../../dependencies/symbols/provider.ts';
import { resolveTree, type TreeOptions } from '../../dependencies/tree/tree.ts';
import { diffTrees } from '../../dependencies/tree/tree-diff.ts';
import { explainName } from '../../dependencies/tree/why.ts';
import { verifyWithLoader } from '../../dependencies/verify/verify.ts';
import type { DependencyTree, TreeProblem } from '../../protocol/dependencies.ts';
import type { ByteText } from '../../protocol/elf.ts';
import { UserError } from '../../protocol/errors.ts';
import type { InterposedSymbols, LoaderSymbols, SymbolProvider } from '../../protocol/loader-symbols.ts';
import { type TreeGraphFormat, treeAsGraph, treeGraphFormats } from '../../protocol/tree-graph.ts';
import { interposedLines, providerLines, undefinedLines, unusedLines } from '../loader-symbols-text.ts';
import { formatOption } from '../options.ts';
import { absolutePath } from '../paths.ts';
import type { Printer } from '../printer.ts';
import { treeDiffLines } from '../tree-diff-text.ts';
import { type ConditionFlags, declareConditions, treeOptionsOf } from '../tree-flags.ts';
import { softEdgeLines, treeLines, verificationLines, whyLines } from '../tree-text.ts';
import { exitCodeOf, exitCodes, type Verb, type VerbContext } from '../verb.ts';
import { printFinding } from './inspect.ts';

interface TreeFlags extends ConditionFlags {
  readonly format: 'text' | 'json' | TreeGraphFormat;
  readonly why?: ByteText;
  readonly diff?: true;
  readonly against?: ByteText;
  readonly undefined?: true;
  readonly unused?: true;
  readonly provider?: string;
  readonly interposed?: true;
  readonly verify?: true;
}

export const treeVerb: Verb = {
  name: 'tree',
  declare: (program, run) => {
    declareConditions(
      program
        .command('tree')
        .description('what the loader will load for a file, and why from there; runs nothing')
        .argument('<file>', 'a program or a shared library'),
    )
      .option('--why <name>', 'only the paths that lead to this needed name, SONAME, file name or path')
      .addOption(apart('--diff', 'only what the conditions above change'))
      .addOption(apart('--against <file>', 'only what is other than in the tree of this file, an earlier build'))
      .addOption(apart('--undefined', 'the references that nothing defines, as ldd -r tells them'))
      .addOption(apart('--unused', 'the direct needs that no reference is bound to, as ldd -u tells them'))
      .addOption(apart('--provider <symbol>', 'which object defines this symbol (name or name@VERSION), and for whom'))
      .addOption(apart('--interposed', 'the symbols that several objects define, and whose the first one takes'))
      .option('--verify', 'also ask the loader itself (this runs it on the file) and tell differences')
      .addOption(formatOption(treeGraphFormats))
      .action((file: ByteText, flags: TreeFlags) =>
        run(context => runTree(context, file, flags), flags.format === 'json' ? 'json' : 'text'),
      );
  },
};

/** An option that asks for something else than a tree. */
function apart(flags: string, description: string): Option {
  return new Option(flags, description).conflicts(['why', 'verify']);
}

async function runTree(context: VerbContext, file: ByteText, flags: TreeFlags): Promise<number> {
  const isDrawing = flags.format === 'dot' || flags.format === 'mermaid';
  const asksSymbols = flags.undefined ?? flags.unused ?? flags.interposed ?? flags.provider;
  const asksDiff = flags.diff ?? flags.against;
  if (isDrawing && (asksDiff ?? asksSymbols) !== undefined) {
    throw new UserError('invalidParams', `Only a tree can be drawn (--format ${flags.format}); use text or json here.`);
  }
  if (asksDiff !== undefined && asksSymbols !== undefined) {
    throw new UserError('invalidParams', 'Symbols are not compared: ask for them under each condition.');
  }
  if (asksDiff !== undefined) return await runDiff(context, file, flags);
  return await (asksSymbols === undefined ? runWholeTree : runSymbols)(context, file, flags);
}

async function runDiff(context: VerbContext, file: ByteText, flags: TreeFlags): Promise<number> {
  const { printer, format, signal } = context;
  const options = treeOptionsOf(flags);
  // Two files are compared under the same conditions; one file as it is, and under these.
  const asItIs = flags.against === undefined ? treeOptionsOf({}) : options;
  const before = await resolveTree(absolutePath(flags.against ?? file), asItIs, signal);
  const after = await resolveTree(absolutePath(file), options, signal);
  const diff = diffTrees(before, after);
  if (format === 'json') printer.json({ schema: 'binary-detective/tree-diff@1', ...diff });
  else for (const line of treeDiffLines(printer, diff)) printer.line(line);
  return diff.identical ? exitCodes.clean : exitCodes.findings;
}

async function runSymbols(context: VerbContext, path: ByteText, flags: TreeFlags): Promise<number> {
  const { printer, format, signal } = context;
  const file = absolutePath(path);
  const options = treeOptionsOf(flags);
  const asksCheck = flags.undefined === true || flags.unused === true;
  const symbols = asksCheck ? await checkSymbols(file, { ...options, limit: 100_000 }, signal) : undefined;
  const { provider: symbol } = flags;
  const provider = symbol === undefined ? undefined : await findProvider(file, { symbol }, options, signal);
  const interposed = flags.interposed === true ? await findInterposed(file, options, signal) : undefined;
  if (format === 'json') {
    printer.json({ schema: 'binary-detective/tree-symbols@1', root: file, symbols, provider, interposed });
  } else {
    for (const line of symbolLines(printer, flags, symbols, provider, interposed)) printer.line(line);
    for (const problem of otherProblems(flags, symbols)) printFinding(printer, problem);
  }
  const found = [
    flags.undefined === true && symbols?.undefinedTotal !== 0,
    otherProblems(flags, symbols).length > 0,
    flags.unused === true && symbols?.unused.length !== 0,
    provider !== undefined && provider.provider === null,
  ];
  return found.includes(true) ? exitCodes.findings : exitCodes.clean;
}

/** What the lines of undefined symbols do not say: versions of what has none, copies of another size. */
function otherProblems({ undefined: asked }: TreeFlags, symbols: LoaderSymbols | undefined): readonly TreeProblem[] {
  const said = ['dependencies/undefined-symbol', 'dependencies/unused-need'];
  return asked === true ? (symbols?.problems.filter(({ code }) => !said.includes(code)) ?? []) : [];
}

function* symbolLines(
  printer: Printer,
  flags: TreeFlags,
  symbols: LoaderSymbols | undefined,
  provider: SymbolProvider | undefined,
  interposed: InterposedSymbols | undefined,
): Generator<string> {
  if (flags.undefined && symbols) yield* undefinedLines(symbols);
  if (flags.unused && symbols) yield* unusedLines(symbols);
  if (provider) yield* providerLines(printer, provider);
  if (interposed) yield* interposedLines(printer, interposed);
}

async function runWholeTree(context: VerbContext, file: ByteText, flags: TreeFlags): Promise<number> {
  const { printer, format, signal } = context;
  const options: TreeOptions = { ...treeOptionsOf(flags), softEdges: true };
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
      ...(ways !== undefined && { why: ways.paths, whyComplete: ways.complete }),
      ...(verification !== undefined && { verification }),
    });
  } else {
    const lines = ways === undefined ? treeLines(printer, tree) : whyLines(printer, tree, ways);
    printTree(context, tree, lines, ways === undefined ? softEdgeLines(printer, tree) : []);
    if (verification !== undefined) for (const line of verificationLines(verification)) printer.line(line);
  }
  return verification?.kind === 'differs' ? exitCodes.findings : exitCodeOf(tree.problems);
}

function printTree(
  { printer }: VerbContext,
  tree: DependencyTree,
  lines: Iterable<string>,
  softLines: Iterable<string>,
): void {
  for (const line of lines) printer.line(line);
  for (const line of softLines) printer.line(line);
  for (const problem of tree.problems) printFinding(printer, problem);
}
