import * as vscode from 'vscode';
import { displayText } from '../../language-server/protocol/display-text.ts';

const scheme = 'binary-detective-dependency';

/** What a line of the view is, as far as its colour goes. */
export type DecorationKind = 'found' | 'missing' | 'above-missing';

/** A name for the line that only our decorations know; not the file's own URI, which other extensions decorate too. */
export function decorationUri(id: string, kind: DecorationKind, problems: number): vscode.Uri {
  return vscode.Uri.from({ scheme, path: `/${encodeURIComponent(displayText(id))}`, query: `${kind}&${problems}` });
}

/** Missing libraries are red; what stands above them is red too and carries their number. */
export const dependencyDecorations: vscode.FileDecorationProvider = {
  provideFileDecoration(uri) {
    if (uri.scheme !== scheme) return undefined;
    const [kind, problems] = uri.query.split('&');
    if (kind === 'found') return undefined;
    const count = Number(problems);
    return {
      color: new vscode.ThemeColor('list.errorForeground'),
      propagate: false,
      ...(count > 0 && { badge: count > 99 ? '99' : String(count) }),
    };
  },
};
