import type { Evidence, Severity } from '../protocol/finding.ts';
import { bindStatements } from './binding/bind.ts';
import { Scope } from './binding/model.ts';
import { companionName, ModuleLoader } from './binding/modules.ts';
import { typeOfDeclaration } from './binding/resolve-type.ts';
import type { Visit } from './binding/visit.ts';
import type { CompilerTypes } from './bridge/compiler-types.ts';
import { LineIndex, type LintRange } from './diagnostics/positions.ts';
import { readSuppressions } from './diagnostics/suppressions.ts';
import { Inference, type InferenceMode } from './inference/infer.ts';
import { Usage } from './inference/usage.ts';
import { checkSpecialized } from './rules/check-specialized.ts';
import type { RuleContext, RuleFix } from './rules/rule.ts';
import { rules } from './rules/rules.ts';
import { parsedStatements } from './syntax/parsed.ts';
import { type Comment, tokenize } from './syntax/tokens.ts';
import { learnCompilerTypes } from './verify-casts.ts';

export type { LintRange } from './diagnostics/positions.ts';

/** `py` is pure Python mode. */
export type CythonFileKind = 'pyx' | 'pxd' | 'pxi' | 'py';

/** A change of the text that a person may ask for. */
export interface LintFix {
  readonly title: string;
  readonly edits: readonly { readonly range: LintRange; readonly newText: string }[];
  readonly isPreferred: boolean;
}

export interface LintDiagnostic {
  readonly range: LintRange;
  readonly code: string;
  readonly rule: string;
  readonly severity: Severity;
  readonly message: string;
  readonly fixes: readonly LintFix[];
  readonly evidence?: Evidence;
}

export interface LintOptions {
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

/**
 * Lints a Cython source. Any text gives an answer: lines that cannot be read are passed over, and names that they may have
 * declared are unknown. Time is linear in the text. Ranges count from 0 in UTF-16 units, in the order of the text.
 * Throws only when `signal` is aborted.
 */
export function lintCython(text: string, options: LintOptions): readonly LintDiagnostic[] {
  const { signal } = options;
  signal?.throwIfAborted();
  if (options.kind === 'py' && !isPureMode(text)) return [];
  const tokenList = tokenize(text);
  const { comments } = tokenList;
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
    if (rules.some(({ concerns }) => concerns(visit))) visits.push(visit);
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
  const inference = new Inference(inferenceMode(text, comments));
  if (options.compilerTypes !== undefined) learnCompilerTypes(inference, visits, text, lines, options.compilerTypes);
  const context: RuleContext = {
    text,
    inference,
    usage,
    module,
    numpyName: numpyNameIn(module),
    visits,
    lineOf: offset => lines.lineOf(offset) + 1,
  };
  const isSuppressed = readSuppressions(text, tokenList, lines);
  return visits
    .flatMap(visit => checkVisit(visit, context, lines))
    .filter(({ range, code }) => !isSuppressed(range, code))
    .sort((a, b) => a.range.start.line - b.range.start.line || a.range.start.character - b.range.start.character);
}

function checkVisit(visit: Visit, context: RuleContext, lines: LineIndex): readonly LintDiagnostic[] {
  return rules.flatMap(rule => {
    const report = rule.concerns(visit) ? checkSpecialized(rule, visit, context) : null;
    if (report === null) return [];
    const { span, severity, message, fixes, evidence } = report;
    const range = lines.range(span.start, span.end);
    const { id, code } = rule;
    return [{ range, code, rule: id, severity, message, fixes: fixes.map(fix => fixAt(fix, lines)), evidence }];
  });
}

function fixAt({ title, edits, isPreferred }: RuleFix, lines: LineIndex): LintFix {
  return {
    title,
    edits: edits.map(({ start, end, newText }) => ({ range: lines.range(start, end), newText })),
    isPreferred,
  };
}

/** The name under which the file cimports NumPy. */
function numpyNameIn(module: Scope): string | null {
  for (const [name, { module: names }] of module.bindings) {
    const ndarray = names?.lookup('ndarray') ?? null;
    if (ndarray === null || ndarray.meaning !== 'type') continue;
    const type = typeOfDeclaration(ndarray);
    if (type.kind === 'extension' && type.name === 'numpy.ndarray') return name;
  }
  return null;
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

/** A Python file that imports the compiler's module. */
function isPureMode(text: string): boolean {
  return /^[ \t]*(?:import\s.*\bcython\b|from\s+cython\b)/mu.test(text);
}
