import type { DependencyTree } from '../../language-server/protocol/dependencies.ts';
import type { CopyFormat } from '../../language-server/protocol/dependency-graph.ts';
import { treeAsGraph } from '../../language-server/protocol/tree-graph.ts';
import { treeAsText } from './model.ts';

/** The whole tree as text for the clipboard; as JSON it is what `binary-detective tree --format json` prints. */
export function copiedTree(tree: DependencyTree, format: CopyFormat): string {
  switch (format) {
    case 'text':
      return treeAsText(tree);
    case 'json':
      return `${JSON.stringify({ schema: 'binary-detective/tree@1', ...tree }, null, 2)}\n`;
    case 'dot':
    case 'mermaid':
      return treeAsGraph(tree, format);
  }
}
