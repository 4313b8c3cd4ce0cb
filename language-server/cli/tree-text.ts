import type { DependencyTree, Need } from '../protocol/dependencies.ts';
import { displayText } from '../protocol/display-text.ts';
import { howFoundText } from '../protocol/how-found-text.ts';
import type { TreePaths } from '../protocol/tree-paths.ts';
import type { Verification } from '../protocol/verify.ts';
import { walkTree } from '../protocol/walk-tree.ts';
import type { Printer } from './printer.ts';

/** The whole tree: one line a need, its own needs below it, once. */
export function* treeLines(printer: Printer, tree: DependencyTree): Generator<string> {
  yield printer.style('bold', displayText(tree.objects[tree.root]?.path ?? tree.root));
  for (const { depth, need, object, repeated } of walkTree(tree)) {
    const indent = '    '.repeat(depth);
    yield `${indent}${needText(printer, need, object?.path)}${repeated ? printer.style('gray', ' (see above)') : ''}`;
    if (object === undefined) {
      for (const { path, outcome } of need.tried) {
        yield printer.style('gray', `${indent}    tried ${displayText(path)}: ${displayText(outcome)}`);
      }
    }
  }
}

/** What the objects may load later, by dlopen(3). */
export function* softEdgeLines(printer: Printer, tree: DependencyTree): Generator<string> {
  for (const id of tree.loadOrder) {
    const object = tree.objects[id];
    for (const edge of object?.softEdges ?? []) {
      if (edge.kind === 'interpreter') continue;
      const kind = edge.kind === 'dlopen-hint' ? 'perhaps' : (edge.priority ?? 'recommended');
      const why = edge.description ?? edge.feature;
      const target = edge.path === null ? printer.style('red', 'not found') : displayText(edge.path);
      yield `${displayText(object?.path ?? id)} may load ${displayText(edge.name)} => ${target} ${printer.style('gray', `[${kind}${why === undefined ? '' : `: ${displayText(why)}`}]`)}`;
    }
  }
}

/** Each path that leads to a name, one below the other, and how many there are. */
export function* whyLines(printer: Printer, tree: DependencyTree, { paths, complete }: TreePaths): Generator<string> {
  const root = displayText(tree.objects[tree.root]?.path ?? tree.root);
  if (paths.length === 0) {
    yield `Nothing below ${root} needs it.`;
    return;
  }
  for (const path of paths) {
    yield printer.style('bold', root);
    for (const [index, { need }] of path.entries()) {
      const object = need.object === null ? undefined : tree.objects[need.object]?.path;
      yield `${'    '.repeat(index + 1)}${needText(printer, need, object)}`;
    }
  }
  if (!complete) yield `These are the ${paths.length} shortest paths; there are more.`;
  else yield paths.length === 1 ? 'One path leads there.' : `${paths.length} paths lead there.`;
}

/** What the loader itself had to say. */
export function* verificationLines(verification: Verification): Generator<string> {
  switch (verification.kind) {
    case 'agrees':
      yield `The loader agrees on all ${verification.objects} objects (${verification.command}).`;
      return;
    case 'notVerified':
      yield displayText(verification.message);
      return;
    case 'differs':
      yield `The loader does not agree (${verification.command}):`;
      for (const { kind, tree, loader } of verification.differences) {
        yield `  ${kind}: here ${displayText(tree ?? 'nothing')}, there ${displayText(loader ?? 'nothing')}`;
      }
  }
}

/** What asks for it, where that is no NEEDED entry. */
const kindTexts: Readonly<Record<NonNullable<Need['kind']>, string>> = {
  auxiliary: 'auxiliary filtee',
  filter: 'filtee',
  preload: 'preload',
};

function needText(printer: Printer, need: Need, path: string | undefined): string {
  const name = displayText(need.name) + (need.kind === undefined ? '' : ` (${kindTexts[need.kind]})`);
  if (path === undefined) return `${name} => ${printer.style('red', 'not found')}`;
  return `${name} => ${displayText(path)}${need.how === null ? '' : printer.style('gray', ` [${howFoundText(need.how)}]`)}`;
}
