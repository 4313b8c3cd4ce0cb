import * as vscode from 'vscode';
import { displayText } from '../../language-server/protocol/display-text.ts';
import { verdictOrder } from '../../language-server/protocol/fault-picture.ts';
import type { FaultGroup, FaultRun } from '../../language-server/protocol/faults.ts';
import { rangesText } from '../../language-server/protocol/number-ranges.ts';
import { sourceFrame } from './allocation-sites.ts';
import type { KeptSweep } from './kept-sweep.ts';
import { displayedProgram } from './target-label.ts';
import { frameLocation, verdictText } from './verdict.ts';
import type { FolderTarget } from './workspace-targets.ts';

/**
 * The items of the Testing view: a target; below it each bug that was found, and, where the points are few enough for a person
 * to read, each point: those of a bug below it.
 */
export type ItemKind =
  | { readonly kind: 'target' }
  | { readonly kind: 'bug'; readonly key: string }
  | { readonly kind: 'point'; readonly n: number };

/** With more points than that, only bugs are items. */
export const mostPointItems = 300;

export function kindOf(item: vscode.TestItem): ItemKind {
  if (item.parent === undefined) return { kind: 'target' };
  const point = /^n=(\d+)$/u.exec(item.id);
  return point === null ? { kind: 'bug', key: item.id } : { kind: 'point', n: Number(point[1]) };
}

export function targetItem(item: vscode.TestItem): vscode.TestItem {
  let top = item;
  while (top.parent !== undefined) top = top.parent;
  return top;
}

export interface TestItems {
  readonly controller: vscode.TestController;
  target(id: string, found: Pick<FolderTarget, 'target'>): vscode.TestItem;
  bug(target: vscode.TestItem, key: string, failure: BugFailure): vscode.TestItem;
  /** Below its bug, or below the target where it is none. */
  point(parent: vscode.TestItem, run: Pick<FaultRun, 'n'>): vscode.TestItem;
}

export type BugFailure = Pick<FaultGroup, 'verdict' | 'signal' | 'crashStack' | 'injectedStack' | 'message'>;

export function createTestItems(controller: vscode.TestController): TestItems {
  const withPlace = (
    parent: vscode.TestItemCollection,
    id: string,
    label: string,
    place: vscode.Location | undefined,
  ): vscode.TestItem => {
    const known = parent.get(id);
    // An item's file cannot be changed; another item with the same name keeps its place and history.
    const item =
      known !== undefined && known.uri?.toString() === place?.uri.toString()
        ? known
        : controller.createTestItem(id, label, place?.uri);
    item.label = label;
    item.range = place?.range;
    if (item !== known) parent.add(item);
    return item;
  };
  return {
    controller,
    target(id, { target }) {
      const declared =
        target.declared === undefined
          ? undefined
          : new vscode.Location(
              vscode.Uri.file(target.declared.path),
              new vscode.Position(Math.max(0, target.declared.line - 1), 0),
            );
      const item = withPlace(controller.items, id, displayText(target.name), declared);
      item.description ??= displayedProgram(target);
      return item;
    },
    bug(target, key, failure) {
      const frame = sourceFrame(failure.crashStack) ?? sourceFrame(failure.injectedStack);
      const place = frame === undefined ? undefined : frameLocation(frame);
      const label = `${verdictText(failure.verdict)}: ${displayText(failure.message)}`;
      return withPlace(target.children, key, label, place);
    },
    point(parent, { n }) {
      const item = withPlace(
        parent.children,
        `n=${n}`,
        `n = ${n}`,
        parent.parent === undefined ? undefined : placeOf(parent),
      );
      item.sortText = `~${String(n).padStart(12, '0')}`;
      return item;
    },
  };
}

/** "n = 0–3, 7" */
export function describeRuns(ns: readonly number[]): string {
  return `n = ${rangesText(ns)}`;
}

export function describeBug(item: vscode.TestItem, { ns, smallestN }: FaultGroup): void {
  item.description = describeRuns(ns);
  item.sortText = String(smallestN).padStart(12, '0');
}

/** Groups with the ids of their items. Two bugs of one function have one key: they are told apart by their order. */
export function groupIds(groups: readonly FaultGroup[]): readonly (readonly [id: string, group: FaultGroup])[] {
  const counts = new Map<string, number>();
  return groups.map(group => {
    const count = (counts.get(group.key) ?? 0) + 1;
    counts.set(group.key, count);
    return [count === 1 ? group.key : `${group.key}#${count}`, group];
  });
}

export function groupOf(groups: readonly FaultGroup[], id: string): FaultGroup | undefined {
  return groupIds(groups).find(([key]) => key === id)?.[1];
}

/** The items that an earlier window showed below a target: VS Code has kept their results by their names. */
export function restoreItems(items: TestItems, target: vscode.TestItem, kept: KeptSweep): void {
  const bugs = groupIds(kept.groups).map(([id, group]) => {
    const bug = items.bug(target, id, group);
    describeBug(bug, group);
    return bug;
  });
  if (kept.n.length > mostPointItems) return;
  for (const [row, n] of kept.n.entries()) {
    const point = items.point(bugs[kept.group[row] ?? -1] ?? target, { n });
    point.description = verdictText(verdictOrder[kept.verdict[row] ?? 0] ?? 'notReached');
  }
}

function placeOf({ uri, range }: vscode.TestItem): vscode.Location | undefined {
  return uri === undefined || range === undefined ? undefined : new vscode.Location(uri, range);
}
