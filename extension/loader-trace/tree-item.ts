import * as vscode from 'vscode';
import { displayText } from '../../language-server/protocol/display-text.ts';
import type { TraceDifference, TraceLibrary, TraceSearch, TraceSpan } from '../../language-server/protocol/trace.ts';
import { commandIds } from '../command-ids.ts';
import {
  countOf,
  fileOf,
  type GroupNode,
  type Leaf,
  type LeafNode,
  type Phase,
  type ProcessNode,
  type RootNode,
  type TraceNode,
} from './model.ts';

const { Collapsed, Expanded, None } = vscode.TreeItemCollapsibleState;
const errorColor = new vscode.ThemeColor('list.errorForeground');
const warningColor = new vscode.ThemeColor('list.warningForeground');

export function treeItem(node: TraceNode): vscode.TreeItem {
  const item = bareItem(node);
  item.id = node.id;
  const file = fileOf(node) === undefined ? '' : ' file';
  item.contextValue = `${node.kind}${file}`;
  const label = typeof item.label === 'string' ? item.label : '';
  item.accessibilityInformation = { label: item.description ? `${label}, ${String(item.description)}` : label };
  return item;
}

function bareItem(node: TraceNode): vscode.TreeItem {
  switch (node.kind) {
    case 'root':
      return rootItem(node);
    case 'process':
      return processItem(node);
    case 'group':
      return groupItem(node);
    case 'pair': {
      const { from, to, count } = node.pair;
      return described(`${baseName(from)} → ${baseName(to)}`, String(count), Collapsed, 'references');
    }
    case 'leaf':
      return leafItem(node);
    case 'more': {
      const item = described(vscode.l10n.t('Show more'), vscode.l10n.t('{0} left', node.left), None, 'ellipsis');
      item.command = { command: commandIds.showMoreOfTrace, title: vscode.l10n.t('Show more'), arguments: [node] };
      return item;
    }
    case 'message':
      return described(displayText(node.message), '', None, 'info');
  }
}

function rootItem({ trace }: RootNode): vscode.TreeItem {
  const { outcome, processes, durationMs, command, timing } = trace.result;
  const differences = processes.reduce((total, process) => total + process.differences, 0);
  const parts = [
    outcome.kind === 'exited' ? exitText(outcome.exitCode, outcome.signal) : vscode.l10n.t('cancelled'),
    vscode.l10n.t('{0} ms', Math.round(durationMs)),
    processes.length === 1 ? vscode.l10n.t('1 program') : vscode.l10n.t('{0} programs', processes.length),
    ...(differences === 0 ? [] : [differenceCount(differences)]),
  ];
  const isBad = differences > 0 || processes.some(({ failure }) => failure !== null);
  const item = described(displayText(trace.name), parts.join(' · '), Expanded, 'pulse', isBad ? errorColor : undefined);
  item.tooltip = `${displayText(command)}\n\n${timing}`;
  return item;
}

function processItem({ process }: ProcessNode): vscode.TreeItem {
  const { name, pid, forked, failure, differences, searches, bindings } = process;
  const parts = [
    String(pid),
    ...(forked ? [vscode.l10n.t('forked')] : []),
    ...(failure === null ? [] : [displayText(failure)]),
    ...(differences === 0 ? [] : [differenceCount(differences)]),
    vscode.l10n.t('{0} searches, {1} bindings', searches, bindings),
  ];
  const color = failure === null && differences === 0 ? undefined : errorColor;
  const item = described(displayText(name) || String(pid), parts.join(' · '), Collapsed, 'vm-running', color);
  item.tooltip = displayText(process.path ?? name);
  return item;
}

function groupItem({ phase, detail, filter }: GroupNode): vscode.TreeItem {
  const count =
    phase === 'bindings' && filter !== '' ? vscode.l10n.t('with "{0}"', filter) : String(countOf(detail, phase));
  return described(phaseTitle(phase), count, phase === 'differences' ? Expanded : Collapsed, phaseIcons[phase]);
}

const phaseIcons: Readonly<Record<Phase, string>> = {
  differences: 'diff',
  errors: 'error',
  searches: 'search',
  libraries: 'library',
  bindings: 'references',
};

function phaseTitle(phase: Phase): string {
  switch (phase) {
    case 'differences':
      return vscode.l10n.t('Not as Predicted');
    case 'errors':
      return vscode.l10n.t('Errors of the Loader');
    case 'searches':
      return vscode.l10n.t('Searches');
    case 'libraries':
      return vscode.l10n.t('Found, Relocated, Initialized');
    case 'bindings':
      return vscode.l10n.t('Bindings');
  }
}

function leafItem({ leaf }: LeafNode): vscode.TreeItem {
  switch (leaf.kind) {
    case 'difference':
      return differenceItem(leaf.difference);
    case 'error': {
      const { object, occasion, message } = leaf.error;
      return described(
        displayText(message),
        displayText(`${baseName(object)}: ${occasion}`),
        None,
        'error',
        errorColor,
      );
    }
    case 'search':
      return searchItem(leaf.search, leaf.differs);
    case 'tried':
      return triedItem(leaf);
    case 'library':
      return libraryItem(leaf.library);
    case 'binding': {
      const { symbol, version, from, to } = leaf.binding;
      const versioned = version === null ? symbol : `${symbol}@${version}`;
      return described(displayText(versioned), `${baseName(from)} → ${baseName(to)}`, None, 'symbol-method');
    }
  }
}

function differenceItem({ name, by, predicted, traced, at, explanation }: TraceDifference): vscode.TreeItem {
  // Where both come to the same end, it is the way there that differs.
  const shown = predicted?.at(-1) === traced?.at(-1) ? at : -1;
  const side = (paths: readonly string[] | null): string =>
    displayText(paths === null ? vscode.l10n.t('nothing') : (paths.at(shown) ?? vscode.l10n.t('no more')));
  const sides = vscode.l10n.t('predicted {0}, traced {1}', side(predicted), side(traced));
  const item = described(displayText(name), sides, Collapsed, 'diff', errorColor);
  const asked = vscode.l10n.t('Asked for by {0}.', displayText(by));
  item.tooltip = [asked, sides, ...(explanation === null ? [] : [displayText(explanation)])].join('\n');
  return item;
}

function searchItem(search: TraceSearch, differs: boolean): vscode.TreeItem {
  const { name, by, dynamic, outcome, path, tried, places } = search;
  const asker = dynamic ? vscode.l10n.t('dlopen, caller {0}', baseName(by)) : vscode.l10n.t('for {0}', baseName(by));
  const found = outcome === 'missing' ? vscode.l10n.t('not found') : displayText(path ?? '');
  const place = outcome === 'missing' ? undefined : places.at(-1)?.kind;
  const parts = [found, ...(place === undefined ? [] : [place]), asker];
  const color =
    differs || (outcome === 'missing' && !dynamic) ? errorColor : outcome === 'missing' ? warningColor : undefined;
  const icon = outcome === 'missing' ? 'circle-slash' : differs ? 'diff' : 'pass';
  return described(displayText(name), parts.join(' · '), tried.length > 0 ? Collapsed : None, icon, color);
}

function triedItem({ path, remark, predicted }: Extract<Leaf, { kind: 'tried' }>): vscode.TreeItem {
  const same = predicted === null || predicted === path;
  const beside = same ? '' : vscode.l10n.t('predicted {0}', displayText(predicted || vscode.l10n.t('nothing')));
  const shown = path === '' ? vscode.l10n.t('nothing') : displayText(path);
  const description = [beside, remark ?? ''].filter(text => text !== '').join(' · ');
  const icon = predicted === null ? 'dash' : same ? 'check' : 'diff';
  const item = described(shown, description, None, icon, same ? undefined : errorColor);
  if (predicted !== null && same) item.tooltip = vscode.l10n.t('Tried as predicted.');
  return item;
}

function libraryItem({
  initOrder,
  path,
  by,
  dynamic,
  init,
  relocation,
  bindsIn,
  bindsOut,
  unmapped,
}: TraceLibrary): vscode.TreeItem {
  const parts = [
    ...(init === null ? [] : [vscode.l10n.t('init {0}', `#${initOrder ?? '?'} ${spanText(init)}`)]),
    ...(relocation === null ? [] : [vscode.l10n.t('relocation {0}', spanText(relocation))]),
    vscode.l10n.t('{0} bindings out, {1} in', bindsOut, bindsIn),
    ...(dynamic ? [vscode.l10n.t('dlopen, caller {0}', baseName(by))] : []),
    ...(unmapped ? [vscode.l10n.t('closed again')] : []),
  ];
  const item = described(baseName(path), parts.join(' · '), None, 'library');
  item.tooltip = displayText(path);
  return item;
}

function spanText({ leastMs, mostMs }: TraceSpan): string {
  const digits = (value: number): string => value.toFixed(value < 10 ? 1 : 0);
  return leastMs === 0
    ? vscode.l10n.t('under {0} ms', digits(mostMs))
    : vscode.l10n.t('{0}–{1} ms', digits(leastMs), digits(mostMs));
}

function exitText(exitCode: number | null, signal: string | null): string {
  return signal === null ? vscode.l10n.t('exit {0}', exitCode ?? '?') : signal;
}

function differenceCount(count: number): string {
  return count === 1 ? vscode.l10n.t('1 difference') : vscode.l10n.t('{0} differences', count);
}

function baseName(path: string): string {
  return displayText(path.slice(path.lastIndexOf('/') + 1));
}

function described(
  label: string,
  description: string,
  state: vscode.TreeItemCollapsibleState,
  icon: string,
  color?: vscode.ThemeColor,
): vscode.TreeItem {
  const item = new vscode.TreeItem(label, state);
  item.description = description;
  item.iconPath = color === undefined ? new vscode.ThemeIcon(icon) : new vscode.ThemeIcon(icon, color);
  return item;
}
