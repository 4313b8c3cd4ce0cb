import type { TextDocuments } from 'vscode-languageserver/node';
import type { TextDocument } from 'vscode-languageserver-textdocument';
import type { BridgeAnswer } from '../cython/bridge/bridge.ts';
import { functionScores, generatedText } from '../cython/language/generated-text.ts';
import { readSource } from '../cython/project/read-source.ts';
import * as schemas from '../lsp/schemas.ts';
import { fileUriToPath } from '../native/file-uri.ts';
import { shellCommand } from '../native/shell-quote.ts';
import { displayText } from '../protocol/display-text.ts';
import { UserError } from '../protocol/errors.ts';
import { generateC } from '../protocol/generated-c.ts';
import type { CythonCompiler } from './cython-compiler.ts';
import type { ServerContext } from './server-context.ts';

const mostErrors = 5;

/** Answers which C the Cython compiler makes of each line of a source. */
export function answerGeneratedC(
  { answer, settings, isTrusted }: ServerContext,
  documents: TextDocuments<TextDocument>,
  { bridge, sourceFor }: CythonCompiler,
): void {
  answer(generateC, schemas.generateCParams, async ({ uri, before, maximumLines }, signal) => {
    if (!isTrusted()) {
      throw new UserError('untrusted', 'The Cython compiler is not started in a workspace that is not trusted.');
    }
    const text = documents.get(uri)?.getText() ?? readSource(fileUriToPath(uri));
    const source = await sourceFor(uri, text);
    if (source === null || source.kind !== 'pyx') {
      throw new UserError(
        'notSupported',
        'C is generated of .pyx files, where the setting binaryDetective.cython.compiler does not switch the compiler off.',
      );
    }
    const generated = answered(await bridge.generateC(source, signal));
    const state = bridge.state();
    const compiler = state.kind === 'ready' ? state.cython : '';
    const functions = functionScores(text, generated);
    const { path } = source;
    const whole = generatedText(
      { path, text, compiler, generated, ...(before !== undefined && { before }) },
      functions,
    );
    const limit = maximumLines ?? (await settings.forFile(uri)).textMaximumLines;
    const command = shellCommand(['cython', '-a', ...source.includePath.map(folder => `-I${folder}`), path]);
    return { ...cut(whole, limit), command, functions };
  });
}

function cut(text: string, limit: number) {
  const lines = text.split('\n');
  if (lines.length <= limit) return { text, truncated: null, cutAtLines: null };
  const truncated = `after ${limit} lines`;
  return { text: `${lines.slice(0, limit).join('\n')}\n\nCut ${truncated}.\n`, truncated, cutAtLines: limit };
}

function answered<T>(answer: BridgeAnswer<T>): T {
  if (answer.kind === 'answer') return answer.value;
  if (answer.remedy !== undefined) throw new UserError('toolMissing', answer.message, answer.remedy);
  const errors = (answer.errors ?? []).slice(0, mostErrors).map(([line, message]) => `line ${line + 1}: ${message}`);
  throw new UserError('toolFailed', [answer.message, ...errors.map(each => displayText(each))].join(' '));
}
