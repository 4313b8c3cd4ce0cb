import type { Dependent, WhoNeeds } from '../../language-server/protocol/scan.ts';

/** One line of the view: the library that was asked about, or what needs the one above it. */
export type WhoNeedsNode = LibraryNode | DependentNode | MessageNode;

export interface LibraryNode {
  readonly kind: 'library';
  readonly id: string;
  /** `file:` URI. */
  readonly uri: string;
}

export interface DependentNode {
  readonly kind: 'dependent';
  /** The ids of the way down. */
  readonly id: string;
  readonly parent: LibraryNode | DependentNode;
  readonly uri: string;
  readonly dependent: Dependent;
  /** It is above itself: a circle of needs. */
  readonly repeats: boolean;
}

/** Why there is nothing, or not everything. */
export interface MessageNode {
  readonly kind: 'message';
  readonly id: string;
  readonly parent: LibraryNode | DependentNode;
  readonly message: string;
}

export function libraryNode(uri: string): LibraryNode {
  return { kind: 'library', id: uri, uri };
}

export function dependentNodes(
  parent: LibraryNode | DependentNode,
  { dependents }: WhoNeeds,
): readonly DependentNode[] {
  return dependents.map((dependent, index) => ({
    kind: 'dependent',
    // One file can ask for one library by two names.
    id: `${parent.id}\n${index} ${dependent.uri}`,
    parent,
    uri: dependent.uri,
    dependent,
    repeats: isAbove(parent, dependent.uri),
  }));
}

export function messageNode(parent: LibraryNode | DependentNode, message: string): MessageNode {
  return { kind: 'message', id: `${parent.id}\n!${message}`, parent, message };
}

function isAbove(node: LibraryNode | DependentNode, uri: string): boolean {
  let above = node;
  while (above.kind === 'dependent') {
    if (above.uri === uri) return true;
    above = above.parent;
  }
  return above.uri === uri;
}
