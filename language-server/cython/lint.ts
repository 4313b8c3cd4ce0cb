import type { Evidence, Severity } from '../protocol/finding.ts';
import { bindStatements, type Visit } from './binding/bind.ts';
import { Scope } from './binding/model.ts';
import { companionName, ModuleLoader } from './binding/modules.ts';
import { typeOfDeclaration } from './binding/resolve-type.ts';
import { LineIndex, type LintRange } from './diagnostics/positions.ts';
import { readSuppressions } from './diagnostics/suppressions.ts';
import { Inference, type InferenceMode } from './inference/infer.ts';
import { Usage } from './inference/usage.ts';
import type { CastSite, RuleContext, RuleFix } from './rules/rule.ts';
import { rules } from './rules/rules.ts';
import { readStatements } from './syntax/read-source-text.ts';
import { type Comment, tokenize } from './syntax/tokens.ts';

export type { LintRange } from './diagnostics/positions.ts';

export type CythonFileKind = 'pyx' | 'pxd' | 'pxi';

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
  /**
   * Text of a file by its path relative to the source's folder, with `/` between; null where there is none. The name
   * {@link companionName} stands for the source's own `.pxd`.
   */
  readonly readSibling?: (name: string) => string | null;
  readonly signal?: AbortSignal;
}

/**
 * Lints a Cython source. Any text gives an answer: lines that cannot be read are passed over, and names that they may have
 * declared are unknown. Time is linear in the text. Ranges count from 0 in UTF-16 units, in the order of the text.
 * Throws only when `signal` is aborted.
 */
export function lintCython(text: string, options: LintOptions): readonly LintDiagnostic[] {
  const { signal } = options;
  signal?.throwIfAborted();
  const tokenList = tokenize(text);
  const { comments } = tokenList;
  const statements = readStatements(tokenList.tokens);
  signal?.throwIfAborted();

  const loader = new ModuleLoader(options.readSibling ?? (() => null));
  const module = new Scope('module', null);
  // What an included file sees beside itself is the including file's, which is not known.
  module.isOpen = options.kind === 'pxi';
  if (options.kind === 'pyx') {
    const companion = loader.readText(companionName);
    if (companion !== null) loader.bind(companion, module, '');
  }
  const usage = new Usage();
  const casts: Visit[] = [];
  bindStatements(statements, module, {
    loadModule: name => loader.load(name, ''),
    loadInclude: path => loader.loadInclude(path),
    onExpression: visit => {
      usage.visit(visit);
      if (visit.expression.kind === 'cast') casts.push(visit);
    },
  });
  signal?.throwIfAborted();

  const lines = new LineIndex(text);
  const inference = new Inference(inferenceMode(text, comments));
  const context: RuleContext = {
    text,
    inference,
    usage,
    numpyName: numpyNameIn(module),
    example: exampleIn(text, casts, lines),
  };
  const isSuppressed = readSuppressions(text, tokenList, lines);
  return casts
    .flatMap(visit => checkCast(visit, context, lines))
    .filter(({ range, code }) => !isSuppressed(range, code))
    .sort((a, b) => a.range.start.line - b.range.start.line || a.range.start.character - b.range.start.character);
}

function checkCast(
  { expression, scope, path }: Visit,
  context: RuleContext,
  lines: LineIndex,
): readonly LintDiagnostic[] {
  if (expression.kind !== 'cast') return [];
  const target = context.inference.castTarget(expression, scope);
  const operand = context.inference.typeOf(expression.operand, scope);
  const site: CastSite = { cast: expression, target, operand, scope, path };
  return rules.flatMap(({ id, code, check }) => {
    const report = check(site, context);
    if (report === null) return [];
    const { severity, message, fixes, evidence } = report;
    const range = lines.range(expression.bare.start, expression.bare.end);
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

/** The first cast of the file that goes by way of an integer: it shows how the file's own author writes it. */
function exampleIn(text: string, casts: readonly Visit[], lines: LineIndex): RuleContext['example'] {
  let found: ReturnType<RuleContext['example']> | undefined;
  return () => {
    found ??= findExample(text, casts, lines);
    return found;
  };
}

function findExample(text: string, casts: readonly Visit[], lines: LineIndex): ReturnType<RuleContext['example']> {
  for (const { expression } of casts) {
    if (expression.kind !== 'cast' || expression.operand.kind !== 'cast') continue;
    const isByInteger = /^(size_t|u?intptr_t|Py_ssize_t)$/u.test(expression.operand.type.name.split('.').at(-1) ?? '');
    if (
      !isByInteger ||
      expression.type.wrappers.at(-1) !== 'pointer' ||
      expression.bare.end - expression.bare.start > 60
    )
      continue;
    const { start, end } = expression.bare;
    return { line: lines.lineOf(start) + 1, text: text.slice(start, end) };
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
