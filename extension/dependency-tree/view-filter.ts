import * as vscode from 'vscode';
import { commandIds } from '../command-ids.ts';
import { registerCommand } from '../commands.ts';
import type { Services } from '../services.ts';
import { noFilter, type TreeFilter } from './model.ts';

/** What the view leaves out, as its buttons say; kept with the workspace. */
export interface ViewFilter {
  readonly current: () => TreeFilter;
  readonly set: (change: Partial<TreeFilter>) => void;
  readonly onDidChange: vscode.Event<void>;
}

const storageKey = 'dependencyFilter';

export function registerViewFilter(services: Services): ViewFilter {
  const { workspaceState, subscriptions } = services.context;
  const changed = new vscode.EventEmitter<void>();
  let current: TreeFilter = { ...noFilter, ...workspaceState.get<Partial<TreeFilter>>(storageKey) };
  const publish = (): void => {
    for (const [name, value] of Object.entries(current)) {
      void vscode.commands.executeCommand('setContext', `binaryDetective.dependencies.${name}`, value);
    }
  };
  const set = (change: Partial<TreeFilter>): void => {
    current = { ...current, ...change };
    void workspaceState.update(storageKey, current);
    publish();
    changed.fire();
  };
  publish();
  subscriptions.push(changed);
  // A button of the title that is on is a command of its own, with an icon of its own.
  registerCommand(services, commandIds.showOnlyProblems, () => set({ onlyProblems: true }));
  registerCommand(services, commandIds.showAllDependencies, () => set({ onlyProblems: false }));
  registerCommand(services, commandIds.hideSystemLibraries, () => set({ hideSystem: true }));
  registerCommand(services, commandIds.showSystemLibraries, () => set({ hideSystem: false }));
  return { current: () => current, set, onDidChange: changed.event };
}
