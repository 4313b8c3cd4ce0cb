import type { DependencyTree, Need } from '../../protocol/dependencies.ts';
import type { ByteText } from '../../protocol/elf.ts';
import { type PathTarget, pathsTo, type TreePath, type TreePaths } from '../../protocol/tree-paths.ts';

/** More are no answer that anybody reads. */
const mostPaths = 200;

/**
 * Every path from the root to a name, shortest first, none of which passes an object twice. A name is the NEEDED name, or the
 * SONAME, file name or path of what is found for it; that which is not found has only the former.
 */
export function explainName(tree: DependencyTree, name: ByteText, limit = mostPaths): TreePaths {
  const paths: TreePath[] = [];
  let complete = true;
  for (const target of targetsOf(tree, name)) {
    const found = pathsTo(tree, target, limit - paths.length);
    paths.push(...found.paths);
    complete &&= found.complete;
  }
  return { paths: paths.toSorted((a, b) => a.length - b.length), complete };
}

/** Usually one; a name can come to other files for other objects, or be found by some of them only. */
function targetsOf(tree: DependencyTree, name: ByteText): readonly PathTarget[] {
  const targets = new Map<string, PathTarget>();
  for (const { needs } of Object.values(tree.objects)) {
    for (const need of needs) {
      if (!isNamed(tree, need, name)) continue;
      if (need.object === null) targets.set('missing', { missing: name });
      // The root is needed by what it needs, in a circle: no path leads there.
      else if (need.object !== tree.root) targets.set(`found ${need.object}`, { object: need.object });
    }
  }
  return [...targets.values()];
}

function isNamed(tree: DependencyTree, need: Need, name: ByteText): boolean {
  if (need.name === name) return true;
  const object = need.object === null ? undefined : tree.objects[need.object];
  if (object === undefined) return false;
  return object.soname === name || object.path === name || object.path.endsWith(`/${name}`);
}
