import * as vscode from 'vscode';
import { displayText } from '../../language-server/protocol/display-text.ts';
import type { TraceBinding } from '../../language-server/protocol/trace.ts';
import { failureText } from '../failure.ts';
import {
  attemptsOf,
  countOf,
  type GroupNode,
  leavesOf,
  type MessageNode,
  type PairNode,
  type ProcessNode,
  phases,
  type RootNode,
  type TraceNode,
} from './model.ts';
import type { BindingQuestion, Trace, Traces } from './traces.ts';
import { treeItem } from './tree-item.ts';

export interface TraceProvider extends vscode.TreeDataProvider<TraceNode> {
  /** More bindings below the line. */
  showMore(node: TraceNode): void;
}

/** Bindings that are listed at once; a person asks for more. */
const pageRows = 200;

export function createTraceProvider(traces: Traces): TraceProvider {
  const changed = new vscode.EventEmitter<TraceNode | undefined>();
  const roots = new Map<string, RootNode>();
  /** How many bindings are listed below a line, where it is more than a page. */
  const wanted = new Map<string, number>();
  traces.onDidChange(() => changed.fire(undefined));

  const rootOf = (trace: Trace): RootNode => {
    const root = roots.get(trace.id) ?? { kind: 'root' as const, id: trace.id, trace };
    roots.set(trace.id, root);
    return root;
  };
  const bindingsBelow = async (parent: GroupNode | PairNode, question: BindingQuestion): Promise<TraceNode[]> => {
    const { rows, matching } = await traces.bindings(question, wanted.get(parent.id) ?? pageRows);
    const nodes: TraceNode[] = rows.map((binding: TraceBinding, index) => {
      return { kind: 'leaf', id: `${parent.id}\n${index}`, parent, leaf: { kind: 'binding', binding } };
    });
    const left = matching - rows.length;
    if (left > 0) nodes.push({ kind: 'more', id: `${parent.id}\nmore`, parent, left });
    return nodes;
  };
  const children = async (node: TraceNode | undefined): Promise<readonly TraceNode[]> => {
    if (node === undefined) return traces.all().map(rootOf);
    switch (node.kind) {
      case 'root':
        return [...messages(node, node.trace.result.incomplete), ...processesOf(node)];
      case 'process':
        return await groupsOf(node, traces);
      case 'group':
        if (node.phase !== 'bindings') return leavesOf(node);
        if (node.filter !== '') return await bindingsBelow(node, questionOf(node.parent));
        return node.detail.bindingGroups.map((pair, index) => {
          return { kind: 'pair', id: `${node.id}\n${index}`, parent: node, pair };
        });
      case 'pair': {
        const { from, to } = node.pair;
        return await bindingsBelow(node, { ...questionOf(node.parent.parent), from, to });
      }
      case 'leaf':
        return attemptsOf(node);
      case 'more':
      case 'message':
        return [];
    }
  };

  return {
    onDidChangeTreeData: changed.event,
    getTreeItem: treeItem,
    getChildren: async node => {
      try {
        return [...(await children(node))];
      } catch (error) {
        if (node === undefined || (node.kind !== 'process' && node.kind !== 'group')) throw error;
        // The server was restarted, and its records went with it.
        return [...messages(node, [failureText(error)])];
      }
    },
    getParent: node => (node.kind === 'root' ? undefined : node.parent),
    showMore(node) {
      if (node.kind !== 'more') return;
      wanted.set(node.parent.id, (wanted.get(node.parent.id) ?? pageRows) + 10 * pageRows);
      changed.fire(node.parent);
    },
  };
}

function processesOf(parent: RootNode): readonly ProcessNode[] {
  return parent.trace.result.processes.map(process => {
    return { kind: 'process', id: `${parent.id}\n${process.id}`, parent, process };
  });
}

async function groupsOf(parent: ProcessNode, traces: Traces): Promise<readonly TraceNode[]> {
  const filter = traces.filter();
  const detail = await traces.detail(parent.parent.trace, parent.process.id);
  const shown = phases.filter(phase => countOf(detail, phase) > 0);
  const groups = shown.map((phase): GroupNode => {
    return { kind: 'group', id: `${parent.id}\n${phase}`, parent, phase, detail, filter };
  });
  const why =
    detail.notPredicted === null ? [] : [vscode.l10n.t('Not predicted: {0}', displayText(detail.notPredicted))];
  return [...messages(parent, why), ...groups];
}

function questionOf({ parent, process }: ProcessNode): BindingQuestion {
  return { trace: parent.trace, process: process.id };
}

function messages(parent: MessageNode['parent'], texts: readonly string[]): readonly MessageNode[] {
  return texts.map((message, index) => ({ kind: 'message', id: `${parent.id}\n!${index}`, parent, message }));
}
