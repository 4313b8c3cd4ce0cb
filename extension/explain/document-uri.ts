import * as vscode from 'vscode';
import type { ExplainParams } from '../../language-server/protocol/explain.ts';

export const explanationScheme = 'binary-detective-explanation';

export type Question = Pick<ExplainParams, 'text' | 'folder'>;

/** A URI travels through storage and menus; longer texts stay in the memory of this window. */
const longestInUri = 8000;
const kept = new Map<string, Question>();
let questions = 0;

/** The last part of the path is the editor's title; the query says what is asked, so that an editor survives a reload. */
export function explanationUri(question: Question, title: string): vscode.Uri {
  const path = `/${title.replaceAll(/[/\\\n]/gu, ' ').slice(0, 80)}.md`;
  if (question.text.length <= longestInUri) {
    return vscode.Uri.from({ scheme: explanationScheme, path, query: JSON.stringify(question) });
  }
  questions += 1;
  const key = `#${questions}`;
  kept.set(key, question);
  return vscode.Uri.from({ scheme: explanationScheme, path, query: JSON.stringify({ key }) });
}

/** Undefined: it was asked in another window, or before a reload. */
export function parseExplanationUri(uri: vscode.Uri): Question | undefined {
  const query = JSON.parse(uri.query) as Partial<Question> & { readonly key?: string };
  if (query.key !== undefined) return kept.get(query.key);
  return query.text === undefined ? undefined : { ...query, text: query.text };
}
