import * as vscode from 'vscode';
import { mostLines } from '../../language-server/protocol/printed-text.ts';
import { commandIds } from '../command-ids.ts';
import { registerCommand } from '../commands.ts';
import type { Services } from '../services.ts';
import { settingIds } from '../settings.ts';
import type { TextStore } from './text-store.ts';
import type { TextStream } from './text-stream.ts';

/** What tells of a text that is coming, was stopped or was cut, and what can be done about it. */
export interface TextControls {
  /** Something of the document has changed. */
  update(uri: vscode.Uri): void;
  /** Shows them in documents of this scheme. */
  serve(scheme: string): vscode.Disposable;
}

/** From here on VS Code itself colours nothing and offers neither outline nor folds (its LARGE_FILE limits). */
const largeLines = 300_000;
const largeBytes = 20 << 20;
/** How many times more "Show More" shows. */
const moreTimes = 4;

export function registerTextControls(
  services: Services,
  storeOf: (uri: vscode.Uri) => TextStore | undefined,
): TextControls {
  const { context } = services;
  const streamOf = (uri: vscode.Uri | undefined): TextStream | undefined =>
    uri === undefined ? undefined : storeOf(uri)?.get(uri)?.stream;
  const lensesChanged = new vscode.EventEmitter<void>();
  const item = vscode.window.createStatusBarItem('binaryDetective.text', vscode.StatusBarAlignment.Right, 90);
  item.name = 'Binary Detective';

  const showActive = (): void => {
    const uri = vscode.window.activeTextEditor?.document.uri;
    const stream = streamOf(uri);
    const texts = stream === undefined ? undefined : statusTexts(stream);
    if (texts === undefined || uri === undefined) {
      item.hide();
      return;
    }
    const { text, tooltip, command } = texts;
    item.text = text;
    item.tooltip = tooltip;
    item.accessibilityInformation = { label: tooltip };
    item.command = command === undefined ? undefined : { command, title: tooltip, arguments: [uri] };
    item.show();
  };
  const lenses: vscode.CodeLensProvider = {
    onDidChangeCodeLenses: lensesChanged.event,
    provideCodeLenses({ uri, lineCount }) {
      const stream = streamOf(uri);
      if (stream === undefined) return [];
      const lines = stream.state === 'reading' ? [0] : [0, Math.max(lineCount - 1, 0)];
      return lines.flatMap(line =>
        lensCommands(stream, uri).map(command => new vscode.CodeLens(new vscode.Range(line, 0, line, 0), command)),
      );
    },
  };

  registerCommand(services, commandIds.stopText, argument => streamOf(documentUri(argument))?.stop());
  registerCommand(services, commandIds.showMoreText, argument => {
    const uri = documentUri(argument);
    const stream = streamOf(uri);
    if (uri === undefined || stream === undefined || !canGoOn(stream)) return;
    const limit = stream.cutAtLines;
    storeOf(uri)?.again(uri, limit === undefined ? undefined : Math.min(limit * moreTimes, mostLines));
  });
  context.subscriptions.push(item, lensesChanged, vscode.window.onDidChangeActiveTextEditor(showActive));
  return {
    update: () => {
      showActive();
      lensesChanged.fire();
    },
    serve: scheme => vscode.languages.registerCodeLensProvider({ scheme }, lenses),
  };
}

/** From a lens or the status bar; from the palette that of the active editor. */
function documentUri(argument: unknown): vscode.Uri | undefined {
  return argument instanceof vscode.Uri ? argument : vscode.window.activeTextEditor?.document.uri;
}

function canGoOn({ state, cutAtLines = 0 }: TextStream): boolean {
  return state === 'stopped' || (state === 'cut' && cutAtLines < mostLines);
}

interface StatusTexts {
  readonly text: string;
  readonly tooltip: string;
  readonly command?: string;
}

function statusTexts(stream: TextStream): StatusTexts | undefined {
  const { state, lines, sizeBytes } = stream;
  const shown = lines.toLocaleString();
  switch (state) {
    case 'reading':
      return {
        text: `$(loading~spin) ${sizeText(sizeBytes)}`,
        tooltip: vscode.l10n.t('{0} lines so far. Click to stop.', shown),
        command: commandIds.stopText,
      };
    case 'stopped':
      return {
        text: `$(debug-pause) ${shown}`,
        tooltip: vscode.l10n.t('Stopped after {0} lines. Click to start again.', shown),
        command: commandIds.showMoreText,
      };
    case 'cut': {
      const cut = vscode.l10n.t('Cut after {0} lines. Click to show more.', shown);
      return {
        text: `$(warning) ${shown}`,
        tooltip: isLarge(stream) ? `${cut} ${largeText(stream)}` : cut,
        ...(canGoOn(stream) && { command: commandIds.showMoreText }),
      };
    }
    case 'whole':
      return isLarge(stream) ? { text: `$(info) ${sizeText(sizeBytes)}`, tooltip: largeText(stream) } : undefined;
    case 'failed':
      return undefined;
  }
}

function lensCommands(stream: TextStream, uri: vscode.Uri): readonly vscode.Command[] {
  const { state, lines, sizeBytes, cutAtLines = 0 } = stream;
  const shown = lines.toLocaleString();
  const go = (title: string): vscode.Command => ({ title, command: commandIds.showMoreText, arguments: [uri] });
  switch (state) {
    case 'reading':
      return [
        { title: `$(loading~spin) ${vscode.l10n.t('{0} so far', sizeText(sizeBytes))}`, command: '' },
        { title: vscode.l10n.t('Stop'), command: commandIds.stopText, arguments: [uri] },
      ];
    case 'stopped':
      return [
        { title: vscode.l10n.t('Stopped after {0} lines', shown), command: '' },
        go(vscode.l10n.t('Start Again')),
      ];
    case 'cut':
      return [
        { title: `$(warning) ${vscode.l10n.t('Cut after {0} lines', shown)}`, command: '' },
        ...(canGoOn(stream) ? [go(vscode.l10n.t('Show up to {0}', (cutAtLines * moreTimes).toLocaleString()))] : []),
        {
          title: vscode.l10n.t('Change the Limit'),
          command: 'workbench.action.openSettings',
          arguments: [settingIds.textMaximumLines],
        },
      ];
    case 'whole':
    case 'failed':
      return [];
  }
}

function isLarge({ lines, sizeBytes }: TextStream): boolean {
  return lines > largeLines || sizeBytes > largeBytes;
}

function largeText({ lines, sizeBytes }: TextStream): string {
  return vscode.l10n.t(
    '{0} lines, {1}: VS Code shows such large texts without colours, folds and outline. Disassemble one function or one section to have them.',
    lines.toLocaleString(),
    sizeText(sizeBytes),
  );
}

function sizeText(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}
