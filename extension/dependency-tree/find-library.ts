import * as vscode from 'vscode';
import type { DependencyTree } from '../../language-server/protocol/dependencies.ts';
import { displayText } from '../../language-server/protocol/display-text.ts';
import { type PathTarget, pathsTo, type TreePath } from '../../language-server/protocol/tree-paths.ts';
import { fileName } from '../inspected-file.ts';
import { baseName, howFoundText } from './wording.ts';

/** A tree of the view and the line of it that was chosen. */
export interface ChosenPath {
  readonly uri: string;
  readonly tree: DependencyTree;
  readonly path: TreePath;
}

/** One tree of the view. */
export interface ResolvedRoot {
  readonly uri: string;
  readonly tree: DependencyTree;
}

interface LibraryItem extends vscode.QuickPickItem {
  readonly root: ResolvedRoot;
  readonly target: PathTarget;
}

/** Looks for a library in all trees of the view, also below lines that are closed: VS Code's own find sees open ones only. */
export async function findLibrary(roots: readonly ResolvedRoot[]): Promise<ChosenPath | undefined> {
  const chosen = await vscode.window.showQuickPick(
    roots.flatMap(root => libraryItems(root, roots.length > 1)),
    {
      title: vscode.l10n.t('Find in Dependency Trees'),
      placeHolder: vscode.l10n.t('Name, SONAME or path of a library'),
      matchOnDescription: true,
      matchOnDetail: true,
    },
  );
  if (chosen === undefined) return undefined;
  const { root, target } = chosen;
  const [path] = pathsTo(root.tree, target, 1).paths;
  return path === undefined ? undefined : { ...root, path };
}

function libraryItems(root: ResolvedRoot, isOneOfMany: boolean): readonly LibraryItem[] {
  const { tree, uri } = root;
  const detail = isOneOfMany ? { detail: fileName(vscode.Uri.parse(uri)) } : {};
  const found = tree.loadOrder.slice(1).flatMap((id): LibraryItem[] => {
    const object = tree.objects[id];
    if (object === undefined) return [];
    const label = displayText(baseName(object.path));
    return [{ label, description: displayText(object.path), ...detail, root, target: { object: id } }];
  });
  const missing = new Set(
    Object.values(tree.objects).flatMap(({ needs }) =>
      needs.flatMap(need => (need.object === null ? [need.name] : [])),
    ),
  );
  const gone = [...missing].map(name => ({
    label: `$(error) ${displayText(name)}`,
    description: vscode.l10n.t('not found'),
    ...detail,
    root,
    target: { missing: name },
  }));
  return [...gone, ...found];
}

interface PathItem extends vscode.QuickPickItem {
  readonly path?: TreePath;
}

/** More paths than this nobody reads; the picture marks all of them. */
const shownPaths = 200;

/**
 * Every path from the root to a library, to choose one from.
 * @returns the path; `picture` where the person wants to see them all there; undefined where they want neither.
 */
export async function choosePath(tree: DependencyTree, target: PathTarget): Promise<TreePath | 'picture' | undefined> {
  const { paths, complete } = pathsTo(tree, target, shownPaths);
  const name = displayText('missing' in target ? target.missing : baseName(tree.objects[target.object]?.path ?? ''));
  const picture: PathItem = { label: `$(type-hierarchy-sub) ${vscode.l10n.t('Show in the picture')}` };
  const items: PathItem[] = paths.map(path => ({ label: pathText(tree, path), detail: reasonText(path), path }));
  const title = complete
    ? vscode.l10n.t('Why is {0} here? {1} paths from {2}', name, paths.length, rootName(tree))
    : vscode.l10n.t('Why is {0} here? The {1} shortest paths from {2}', name, paths.length, rootName(tree));
  const chosen = await vscode.window.showQuickPick([picture, ...items], { title, matchOnDetail: true });
  if (chosen === undefined) return undefined;
  return chosen.path ?? 'picture';
}

/** "app → libfoo.so → libbar.so.1" */
export function pathText(tree: DependencyTree, path: TreePath): string {
  return [rootName(tree), ...path.map(({ need }) => displayText(baseName(need.name)))].join(' → ');
}

function reasonText(path: TreePath): string {
  const how = path.at(-1)?.need.how;
  return how ? howFoundText(how) : vscode.l10n.t('not found');
}

function rootName(tree: DependencyTree): string {
  return displayText(baseName(tree.objects[tree.root]?.path ?? tree.root));
}
