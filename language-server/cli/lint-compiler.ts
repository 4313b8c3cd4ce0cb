import { analyseSource } from '../cython/bridge/analyse-source.ts';
import { createCythonBridge } from '../cython/bridge/bridge.ts';
import type { CompilerTypes } from '../cython/bridge/compiler-types.ts';
import { includePathOf } from '../cython/bridge/include-path.ts';
import { cythonFileKind } from '../cython/project/files.ts';
import { findTool } from '../native/find-tool.ts';
import type { ByteText } from '../protocol/elf.ts';
import { UserError } from '../protocol/errors.ts';
import { absolutePath, cythonBridgeProgram } from './paths.ts';
import type { VerbContext } from './verb.ts';

/** `auto`: the compiler is asked where there is one. `require`: without one, the run fails. */
export const compilerModes = ['auto', 'off', 'require'] as const;
export type CompilerMode = (typeof compilerModes)[number];

export interface CompilerFlags {
  readonly compiler: CompilerMode;
  readonly python?: ByteText;
}

/** The Cython compiler for a run of the command line. */
export interface LintCompiler {
  /**
   * What it knows of a source; undefined where it is not asked, or not there.
   * Throws UserError where it is required and gives no answer.
   */
  typesOf(path: ByteText, text: string, signal: AbortSignal): Promise<CompilerTypes | undefined>;
  close(): Promise<void>;
}

/** No rule looks at a source that has none of these. */
const concerning = /<[^<>=\n]{1,120}>|\bcast\b|\.data\b/u;

export function createLintCompiler({ door, printer }: VerbContext, { compiler, python }: CompilerFlags): LintCompiler {
  let isTold = false;
  const bridge = createCythonBridge({
    door,
    program: cythonBridgeProgram(),
    // Who lints from a command line has chosen the folder; nothing of it is run all the same.
    isTrusted: () => true,
    python: () => (python === undefined ? undefined : interpreterPath(python)),
    log: () => undefined,
  });
  return {
    async typesOf(path, text, signal) {
      const kind = cythonFileKind(path) ?? 'pyx';
      if (compiler === 'off' || kind === 'pxi' || !concerning.test(text)) return undefined;
      const absolute = absolutePath(path);
      const source = { path: absolute, text, kind, includePath: includePathOf(absolute) };
      const answer = await analyseSource(bridge, source, signal);
      if (answer.kind === 'answer') return answer.value.types;
      if (compiler === 'require') throw new UserError('toolFailed', answer.message, answer.remedy);
      // An interpreter that was named by hand is wanted; that PATH has none is the normal case.
      if (python !== undefined && !isTold) printer.error(answer.message);
      isTold = true;
      return undefined;
    },
    close: () => bridge.close(),
  };
}

/** `--python python3.12` is looked for on PATH, as a shell does. */
function interpreterPath(python: ByteText): ByteText {
  if (python.includes('/')) return absolutePath(python);
  const folders = (process.env['PATH'] ?? '').split(':').filter(folder => folder.startsWith('/'));
  const found = folders
    .map(folder => `${folder}/${python}`)
    .find(path => findTool('python', path, '').kind === 'found');
  return found ?? python;
}
