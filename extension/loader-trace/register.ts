import * as vscode from 'vscode';
import { UserError } from '../../language-server/protocol/errors.ts';
import { traceText } from '../../language-server/protocol/trace.ts';
import { commandIds } from '../command-ids.ts';
import { registerCommand } from '../commands.ts';
import { withLateProgress } from '../late-progress.ts';
import { registerServedText } from '../served-text.ts';
import type { Services } from '../services.ts';
import { loaderTraceViewId } from '../view-ids.ts';
import { fileOf, type TraceNode } from './model.ts';
import { type PickedProgram, pickProgram } from './pick-program.ts';
import { createTraceProvider, type TraceProvider } from './provider.ts';
import { createTraces, type Trace, type Traces } from './traces.ts';

const textScheme = 'binary-detective-loader-log';
const outputScheme = 'binary-detective-traced-output';
const shownContext = 'binaryDetective.hasLoaderTrace';
const filteredContext = 'binaryDetective.loaderTraceIsFiltered';

/** What the tests in a real VS Code see of the view. */
export interface LoaderTraceFeature {
  readonly tree: TraceProvider;
  readonly traces: Pick<Traces, 'all' | 'setFilter'>;
}

/** What the loader did in a program that was run: a tree of processes and phases, and its own words as a document. */
export function registerLoaderTrace(services: Services): LoaderTraceFeature {
  const traces = createTraces(services);
  const tree = createTraceProvider(traces);
  const view = vscode.window.createTreeView<TraceNode>(loaderTraceViewId, {
    treeDataProvider: tree,
    showCollapseAll: true,
  });
  const describe = (): void => {
    const filter = traces.filter();
    view.description = filter === '' ? '' : vscode.l10n.t('filter: {0}', filter);
    view.badge = badge(traces.all());
    void vscode.commands.executeCommand('setContext', shownContext, traces.all().length > 0);
    void vscode.commands.executeCommand('setContext', filteredContext, filter !== '');
  };
  services.context.subscriptions.push(view, traces.onDidChange(describe));

  registerCommand(services, commandIds.traceLoader, async argument => {
    requireTrust();
    const picked = await pickProgram(services, argument);
    if (picked === undefined) return;
    const trace = await runTrace(traces, picked);
    if (trace === undefined) return;
    await vscode.commands.executeCommand(`${loaderTraceViewId}.focus`);
    const root = ((await tree.getChildren()) ?? []).find(node => node.kind === 'root' && node.trace === trace);
    if (root !== undefined) await view.reveal(root, { select: true, focus: true, expand: true });
  });
  registerCommand(services, commandIds.filterTrace, async () => {
    const title = vscode.l10n.t('Show only what names this library or symbol');
    const filter = await vscode.window.showInputBox({ title, value: traces.filter(), placeHolder: 'libssl' });
    if (filter !== undefined) traces.setFilter(filter.trim());
  });
  registerCommand(services, commandIds.clearTraceFilter, () => traces.setFilter(''));
  registerCommand(services, commandIds.showMoreOfTrace, node => {
    if (isNode(node)) tree.showMore(node);
  });
  registerCommand(services, commandIds.closeTrace, node => {
    if (isNode(node) && node.kind === 'root') traces.close(node.trace);
  });
  registerCommand(services, commandIds.repeatTrace, async node => {
    requireTrust();
    if (isNode(node) && node.kind === 'root') await runTrace(traces, node.trace);
  });
  registerCommand(services, commandIds.inspectTraced, node => {
    const file = isNode(node) ? fileOf(node) : undefined;
    if (file !== undefined) return vscode.commands.executeCommand(commandIds.inspect, vscode.Uri.file(file));
    throw new UserError('notFound', vscode.l10n.t('There is no file for this line of the trace.'));
  });
  registerLog(services, traces);
  registerOutput(services, traces);
  return { tree, traces };
}

/** The loader's own lines of a process, as a document that nobody can change. */
function registerLog(services: Services, traces: Traces): void {
  const texts = registerServedText(services, {
    scheme: textScheme,
    ask: async (uri, token) => {
      const params = JSON.parse(uri.query) as {
        readonly log: string;
        readonly process: number;
        readonly filter?: string;
      };
      const { text, truncated } = await services.server.request(traceText, params, token);
      return truncated ? `${text}\n${vscode.l10n.t('… cut here: filter the trace to see less.')}\n` : text;
    },
    files: () => [],
  });
  registerCommand(services, commandIds.showTraceLog, async node => {
    if (!isNode(node) || node.kind !== 'process') return;
    const { process, parent } = node;
    const filter = traces.filter();
    const query = JSON.stringify({
      log: parent.trace.result.log,
      process: process.id,
      ...(filter !== '' && { filter }),
    });
    const path = `/${parent.trace.name.replaceAll('/', ' ')} (${process.pid}) LD_DEBUG`;
    await withLateProgress(vscode.l10n.t('Reading what the loader said'), token =>
      texts.open(vscode.Uri.from({ scheme: textScheme, path, query }), token),
    );
  });
}

/** What the program itself wrote, as far as it was kept. */
function registerOutput(services: Services, traces: Traces): void {
  const texts = registerServedText(services, {
    scheme: outputScheme,
    ask: uri => {
      const trace = traces.all().find(({ id }) => id === uri.query);
      if (trace === undefined) throw new UserError('notFound', vscode.l10n.t('This trace was closed.'));
      const { stdout, stderr, truncated } = trace.result.output;
      const parts = [stdout, stderr, ...(truncated ? [vscode.l10n.t('… cut here: no more of it was kept.')] : [])];
      return Promise.resolve(parts.filter(part => part !== '').join('\n'));
    },
    files: () => [],
  });
  registerCommand(services, commandIds.showTraceOutput, async node => {
    if (!isNode(node) || node.kind !== 'root') return;
    const { id, name } = node.trace;
    const uri = vscode.Uri.from({ scheme: outputScheme, path: `/${name.replaceAll('/', ' ')}`, query: id });
    await texts.open(uri, new vscode.CancellationTokenSource().token);
  });
}

/** Undefined where nothing could be traced and the person does not want what the program starts either. */
async function runTrace(traces: Traces, { name, program }: PickedProgram): Promise<Trace | undefined> {
  let trace: Trace;
  try {
    trace = await traces.run(name, program, false);
  } catch (error) {
    if (!(error instanceof UserError) || error.kind !== 'notSupported') throw error;
    const anyway = vscode.l10n.t('Trace What It Starts');
    if ((await vscode.window.showWarningMessage(error.message, anyway)) !== anyway) return undefined;
    trace = await traces.run(name, program, true);
  }
  const { outcome } = trace.result;
  if (outcome.kind !== 'failed') return trace;
  traces.close(trace);
  throw new UserError('toolFailed', outcome.message);
}

/** The server refuses by itself; here the person gets the button that helps, before a server is started. */
function requireTrust(): void {
  if (vscode.workspace.isTrusted) return;
  throw new UserError(
    'untrusted',
    vscode.l10n.t('A trace of the loader runs a program of this workspace, and the workspace is not trusted.'),
  );
}

function badge(traces: readonly Trace[]): vscode.ViewBadge | undefined {
  const value = traces
    .flatMap(({ result }) => result.processes)
    .reduce((total, { differences }) => total + differences, 0);
  if (value === 0) return undefined;
  return { value, tooltip: vscode.l10n.t('{0} searches of the loader went another way than predicted', value) };
}

function isNode(value: unknown): value is TraceNode {
  return typeof value === 'object' && value !== null && 'kind' in value && 'id' in value;
}
