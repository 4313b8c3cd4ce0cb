import type { FileParams } from './elf.ts';
import { requestMethod } from './method.ts';
import type { PrintedText, PrintedTextParams } from './printed-text.ts';

/** Documents of generated C; the query of a document's URI is the URI of the source. */
export const generatedCScheme = 'binary-detective-generated-c';

/** How much a function has to do with Python, by the measure of `cython -a`. */
export interface FunctionScore {
  /** With its class before it: `Tree.depth`; `(module)` for the code outside of functions. */
  readonly name: string;
  /** Where it begins, from 0. */
  readonly line: number;
  readonly score: number;
}

export interface GenerateCParams extends FileParams, PrintedTextParams {
  /** The scores of the build before, to say what has changed. */
  readonly before?: readonly FunctionScore[];
}

export interface GeneratedC extends PrintedText {
  readonly functions: readonly FunctionScore[];
}

/**
 * Client → server: the C that the Cython compiler generates for each line of a source, as it stands in the editor. A comment
 * `module.pyx:12 score 15: …` introduces what a line becomes. The compiler runs in a workspace that is trusted only, and
 * writes into a temporary folder.
 * Errors: notFound, unreadable, untrusted, toolMissing, toolFailed (it does not compile; the first errors are in the message),
 * notSupported.
 */
export const generateC = requestMethod<GenerateCParams, GeneratedC>('binaryDetective/cython/generateC');

/** The line of the source, from 0, that a line of generated C introduces; null where it introduces none. */
export function introducedLine(line: string): number | null {
  const found = /^\/\* .*?\.(?:pyx|pxd|py):(\d+) score \d+: /u.exec(line);
  return found === null ? null : Number(found[1]) - 1;
}
