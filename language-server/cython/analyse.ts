import { bindStatements } from './binding/bind.ts';
import { Scope } from './binding/model.ts';
import { companionName, ModuleLoader } from './binding/modules.ts';
import type { Visit } from './binding/visit.ts';
import type { CompilerTypes } from './bridge/compiler-types.ts';
import { LineIndex } from './diagnostics/positions.ts';
import { Inference, type InferenceMode } from './inference/infer.ts';
import { Usage } from './inference/usage.ts';
import { parsedStatements } from './syntax/parsed.ts';
import type { Statement } from './syntax/syntax.ts';
import { type Comment, type TokenList, tokenize } from './syntax/tokens.ts';
import { learnCompilerTypes } from './verify-casts.ts';

/** `py` is pure Python mode. */
export type CythonFileKind = 'pyx' | 'pxd' | 'pxi' | 'py';

export interface AnalysisOptions {
  readonly kind: CythonFileKind;
  /** The source that includes this one, where it is not compiled by itself: its names are seen, and nothing is said of it. */
  readonly includer?: Includer | undefined;
  /**
   * Text of a file by its path relative to the source's folder, with `/` between; null where there is none. The name
   * {@link companionName} stands for the source's own `.pxd`.
   */
  readonly readSibling?: (name: string) => string | null;
  /** What the Cython compiler has found out about this text, where it was asked. */
  readonly compilerTypes?: CompilerTypes | undefined;
  /** Folders with a `/` at the end in which cimported packages lie, as `readSibling` takes them. */
  readonly roots?: readonly string[];
  readonly signal?: AbortSignal;
}

export interface Includer {
  readonly text: string;
  readonly kind: CythonFileKind;
  /** The included file, as the including ones name it, from the includer's folder. */
  readonly path: string;
  readonly readSibling: (name: string) => string | null;
}

/** A source as its names and types are known: what the rules, a hover and an outline look at. */
export interface SourceAnalysis {
  readonly statements: readonly Statement[];
  readonly tokenList: TokenList;
  readonly lines: LineIndex;
  readonly module: Scope;
  /** Expressions that were wanted, in the order of the text. */
  readonly visits: readonly Visit[];
  readonly usage: Usage;
  readonly inference: Inference;
}

/**
 * Reads a source, binds its names, and infers types when they are asked for. Any text gives an answer. Throws only when `signal` is
 * aborted.
 */
export function analyse(text: string, options: AnalysisOptions, isWanted: (visit: Visit) => boolean): SourceAnalysis {
  const { signal } = options;
  signal?.throwIfAborted();
  const tokenList = tokenize(text);
  const statements = parsedStatements(text);
  signal?.throwIfAborted();

  const { includer, kind } = options;
  const loader = new ModuleLoader(includer?.readSibling ?? options.readSibling ?? (() => null), options.roots);
  const module = new Scope('module', null);
  // What an included file sees beside itself is the including file's, which may not be known.
  module.isOpen = kind === 'pxi' && includer === undefined;
  if ((includer?.kind ?? kind) === 'pyx' || kind === 'py') {
    const companion = loader.readText(companionName);
    if (companion !== null) loader.bind(companion, module, '');
  }
  const usage = new Usage();
  const visits: Visit[] = [];
  const onExpression = (visit: Visit): void => {
    usage.visit(visit);
    if (isWanted(visit)) visits.push(visit);
  };
  bindStatements(includer === undefined ? statements : parsedStatements(includer.text), module, {
    loadModule: name => loader.load(name, ''),
    loadInclude: path => (path === includer?.path ? statements : loader.loadInclude(path)),
    ...(includer === undefined
      ? { onExpression }
      : { onIncluded: path => (path === includer.path ? onExpression : undefined) }),
  });
  signal?.throwIfAborted();

  const lines = new LineIndex(text);
  const inference = new Inference(inferenceMode(text, tokenList.comments));
  if (options.compilerTypes !== undefined) learnCompilerTypes(inference, visits, text, lines, options.compilerTypes);
  return { statements, tokenList, lines, module, visits, usage, inference };
}

/** The directive comes from a comment at the top of the file; elsewhere it holds for a part that is not worked out. */
function inferenceMode(text: string, comments: readonly Comment[]): InferenceMode {
  if (!text.includes('infer_types')) return 'safe';
  for (const { start, end } of comments) {
    const directive = /^#\s*cython\s*:.*\binfer_types\s*=\s*(True|False|None)\b/u.exec(text.slice(start, end));
    if (directive !== null) return directive[1] === 'True' ? 'all' : directive[1] === 'False' ? 'none' : 'safe';
  }
  return 'uncertain';
}
