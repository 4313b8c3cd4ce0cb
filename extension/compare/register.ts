import * as vscode from 'vscode';
import { type ElfComparison, elfCompare } from '../../language-server/protocol/compare.ts';
import { UserError } from '../../language-server/protocol/errors.ts';
import { elfCompareRevision } from '../../language-server/protocol/revision.ts';
import { commandIds } from '../command-ids.ts';
import { registerCommand } from '../commands.ts';
import { fileForCommand, fileName, requireLocalFile } from '../inspected-file.ts';
import { withLateProgress } from '../late-progress.ts';
import { registerServedText } from '../served-text.ts';
import type { Services } from '../services.ts';
import { comparisonText } from './comparison-text.ts';
import { type Comparison, compareScheme, comparisonUri, parseComparisonUri } from './document-uri.ts';

/** Set while a file is selected: menus offer to compare with it. */
const selectedContextKey = 'binaryDetective.hasFileToCompare';

/** What changed between two ELF files, or since git's HEAD, as a read-only document that follows them. */
export function registerCompare(services: Services): void {
  const { server } = services;
  let selected: vscode.Uri | undefined;
  const ask = async ({ before, after }: Comparison, token: vscode.CancellationToken): Promise<ElfComparison> => {
    const uri = after.toString();
    return 'file' in before
      ? await server.request(elfCompare, { before: before.file.toString(), after: uri }, token)
      : await server.request(elfCompareRevision, { uri, revision: before.revision }, token);
  };
  const texts = registerServedText(services, {
    scheme: compareScheme,
    ask: async (uri, token) =>
      comparisonText(await ask(parseComparisonUri(uri), token), (text, ...args) => vscode.l10n.t(text, ...args)),
    files: uri => {
      const { before, after } = parseComparisonUri(uri);
      return 'file' in before ? [before.file, after] : [after];
    },
  });
  const open = (comparison: Comparison): Promise<void> =>
    withLateProgress(vscode.l10n.t('Comparing {0}', fileName(comparison.after)), token =>
      texts.open(comparisonUri(comparison), token),
    );

  registerCommand(services, commandIds.selectForCompare, async argument => {
    const file = await fileForCommand(argument, vscode.l10n.t('Select for Compare'));
    if (file === undefined) return;
    selected = file;
    await vscode.commands.executeCommand('setContext', selectedContextKey, true);
  });
  registerCommand(services, commandIds.compareWithSelected, async (argument, others) => {
    const pair = selectedPair(others);
    const before = pair?.[0] ?? selected;
    if (before === undefined) {
      throw new UserError('invalidParams', vscode.l10n.t('First select the older file: "Select for ELF Compare".'));
    }
    const after = pair?.[1] ?? (await fileForCommand(argument, vscode.l10n.t('Compare')));
    if (after === undefined) return;
    requireLocalFile(after);
    await open({ before: { file: before }, after });
  });
  registerCommand(services, commandIds.compareWithHead, async argument => {
    const after = await fileForCommand(argument, vscode.l10n.t('Compare'));
    if (after !== undefined) await open({ before: { revision: 'HEAD' }, after });
  });
}

/** The explorer gives all that are selected there: two of them are compared with each other. */
function selectedPair(value: unknown): readonly [vscode.Uri, vscode.Uri] | undefined {
  if (!Array.isArray(value) || value.length !== 2) return undefined;
  const [first, second]: readonly unknown[] = value;
  return first instanceof vscode.Uri && second instanceof vscode.Uri ? [first, second] : undefined;
}
