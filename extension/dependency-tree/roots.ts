import * as vscode from 'vscode';
import { type DependencyTree, dependencyTree } from '../../language-server/protocol/dependencies.ts';
import { failureText } from '../failure.ts';
import type { Services } from '../services.ts';
import { watchFile } from '../watch-file.ts';
import { type RootNode, rootNode } from './model.ts';

export type RootState =
  | { readonly kind: 'loading' }
  | { readonly kind: 'resolved'; readonly tree: DependencyTree }
  | { readonly kind: 'failed'; readonly message: string };

interface Root {
  readonly uri: string;
  readonly node: RootNode;
  /** Whether the person asked for it; the other one follows the active editor. */
  readonly kept: boolean;
  readonly watcher: vscode.Disposable;
  state: RootState;
  asked: vscode.CancellationTokenSource | undefined;
}

/** The files whose trees are shown, in the order in which they were asked for. */
export interface DependencyRoots extends vscode.Disposable {
  readonly uris: () => readonly string[];
  /** The line of a root: always the same object, by which VS Code refreshes it. */
  readonly node: (uri: string) => RootNode;
  /** Starts to resolve on first use. */
  readonly state: (uri: string) => RootState;
  /** Resolves when the tree is there, or is known not to come. */
  readonly settled: (uri: string) => Promise<RootState>;
  readonly keep: (uri: string) => void;
  /** Shows the file of the active editor, until another one is active. */
  readonly follow: (uri: string) => void;
  readonly close: (uri: string) => void;
  readonly refresh: () => void;
  /** A root's URI, or undefined when the list itself changed. */
  readonly onDidChange: vscode.Event<string | undefined>;
}

const storageKey = 'dependencyRoots';

export function createDependencyRoots({ server, context }: Services): DependencyRoots {
  const changed = new vscode.EventEmitter<string | undefined>();
  const roots = new Map<string, Root>();

  const forget = (root: Root): void => {
    root.asked?.cancel();
    root.asked = undefined;
    root.state = { kind: 'loading' };
    changed.fire(root.uri);
  };
  const add = (uri: string, kept: boolean): void => {
    const watcher = watchFile(vscode.Uri.parse(uri), () => {
      const root = roots.get(uri);
      if (root !== undefined) forget(root);
    });
    roots.set(uri, { uri, node: rootNode(uri), kept, watcher, state: { kind: 'loading' }, asked: undefined });
  };
  const remove = (uri: string): void => {
    const root = roots.get(uri);
    root?.asked?.cancel();
    root?.watcher.dispose();
    roots.delete(uri);
  };
  const store = (): void => {
    const kept = [...roots.values()].filter(root => root.kept).map(root => root.uri);
    void context.workspaceState.update(storageKey, kept);
  };
  const resolve = async (root: Root, asked: vscode.CancellationTokenSource): Promise<void> => {
    try {
      const tree = await server.request(dependencyTree, { uri: root.uri }, asked.token);
      if (root.asked === asked) root.state = { kind: 'resolved', tree };
    } catch (error) {
      if (root.asked === asked) root.state = { kind: 'failed', message: failureText(error) };
    }
    if (root.asked === asked) changed.fire(root.uri);
  };
  const stateOf = (uri: string): RootState => {
    const root = roots.get(uri);
    if (root === undefined) return { kind: 'loading' };
    if (root.asked === undefined) {
      root.asked = new vscode.CancellationTokenSource();
      void resolve(root, root.asked);
    }
    return root.state;
  };

  for (const uri of context.workspaceState.get<readonly string[]>(storageKey, [])) add(uri, true);
  return {
    uris: () => [...roots.keys()],
    node: uri => roots.get(uri)?.node ?? rootNode(uri),
    state: stateOf,
    settled: async uri => {
      for (let state = stateOf(uri); ; state = stateOf(uri)) {
        if (state.kind !== 'loading' || !roots.has(uri)) return state;
        await new Promise<void>(done => {
          const once = changed.event(() => {
            once.dispose();
            done();
          });
        });
      }
    },
    keep: uri => {
      if (roots.get(uri)?.kept) return;
      remove(uri);
      add(uri, true);
      store();
      changed.fire(undefined);
    },
    follow: uri => {
      if (roots.has(uri)) return;
      for (const root of [...roots.values()]) if (!root.kept) remove(root.uri);
      add(uri, false);
      changed.fire(undefined);
    },
    close: uri => {
      remove(uri);
      store();
      changed.fire(undefined);
    },
    refresh: () => {
      for (const root of roots.values()) forget(root);
    },
    onDidChange: changed.event,
    dispose: () => {
      for (const uri of [...roots.keys()]) remove(uri);
      changed.dispose();
    },
  };
}
