import * as vscode from 'vscode';
import { displayText } from '../../language-server/protocol/display-text.ts';
import {
  elfSourceLocation,
  type NoSource,
  type SourceFrame,
  type SourceLocationParams,
} from '../../language-server/protocol/source-location.ts';
import { withLateProgress } from '../late-progress.ts';
import type { Services } from '../services.ts';

/**
 * Opens the line of a symbol beside the editor; where there is none, says why, and what to do about it.
 * @throws UserError as the request does.
 */
export async function showSource({ server }: Services, params: SourceLocationParams): Promise<void> {
  const location = await withLateProgress(vscode.l10n.t('Looking for the source line'), token =>
    server.request(elfSourceLocation, params, token),
  );
  if (location.kind !== 'found') return tellWhyNot(location);
  const frame = location.frames[location.primary];
  if (frame === undefined || frame.file === null) return;
  if (frame.exists) return await openLine(frame.file, frame.line ?? 1);
  tellMissingFile(frame, frame.file);
}

async function openLine(path: string, line: number): Promise<void> {
  const place = new vscode.Position(Math.max(line - 1, 0), 0);
  await vscode.window.showTextDocument(vscode.Uri.file(path), {
    viewColumn: vscode.ViewColumn.Beside,
    selection: new vscode.Range(place, place),
    preview: true,
  });
}

/** Not awaited: a message stays until it is dismissed. */
function tellMissingFile({ line }: SourceFrame, path: string): void {
  const place = line === null ? path : `${path}:${line}`;
  const message = vscode.l10n.t('The source is {0}, which is not on this machine.', displayText(place));
  void offerCopy(message, vscode.l10n.t('Copy Path'), place);
}

function tellWhyNot({ message, remedy }: NoSource): void {
  void offerCopy(`${displayText(message)} ${displayText(remedy)}`, vscode.l10n.t('Copy Command'), remedy);
}

async function offerCopy(message: string, button: string, copied: string): Promise<void> {
  if ((await vscode.window.showInformationMessage(message, button)) === button) {
    await vscode.env.clipboard.writeText(copied);
  }
}
