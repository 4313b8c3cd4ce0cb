import * as vscode from 'vscode';
import { displayText } from '../../language-server/protocol/display-text.ts';
import { fileName, requireLocalFile } from '../inspected-file.ts';
import { elfEditorViewType } from '../view-ids.ts';

/**
 * Opens a member of an archive in an ELF editor of its own: the fragment of the URI names it.
 *
 * @param text As `ElfRow.opens` has it.
 * @throws UserError `notSupported` for anything but a file of this machine.
 */
export async function openMember(text: string): Promise<void> {
  const uri = vscode.Uri.parse(text, true);
  requireLocalFile(uri);
  await vscode.commands.executeCommand('vscode.openWith', uri, elfEditorViewType);
}

/** `libx.a(part.o)`, as the binutils write it; undefined for a file that is no member. */
export function memberTitle(uri: vscode.Uri): string | undefined {
  const member = /^member=([\s\S]*?)(?:@\d+)?$/u.exec(uri.fragment)?.[1];
  return member === undefined ? undefined : `${fileName(uri)}(${displayText(member)})`;
}
