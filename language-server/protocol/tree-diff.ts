import type { DependencyTree, Need, ObjectId, TreeConditions, TreeProblem, WhatIf } from './dependencies.ts';
import type { ByteText, FileParams } from './elf.ts';
import { requestMethod } from './method.ts';

export interface TreeDiffParams extends FileParams {
  /** Conditions of the first tree; absent: as it is on this machine. */
  readonly before?: WhatIf;
  /** Conditions of the second tree; absent: as those of the first, which makes sense for another file. */
  readonly after?: WhatIf;
  /** The file of the second tree, where it is another one (an earlier build). */
  readonly afterUri?: string;
}

/** An object of one of the trees. */
export interface DiffObject {
  readonly id: ObjectId;
  readonly path: ByteText;
  readonly soname: ByteText | null;
  /** Place in the load order, from 0. */
  readonly place: number;
}

/** The library of a name (SONAME, else the name of the file) that is another file in the other tree. */
export interface MovedObject {
  readonly name: ByteText;
  readonly before: DiffObject;
  readonly after: DiffObject;
  /** Two paths of one file, as `/lib` and `/usr/lib` mostly are: nothing is different in memory. */
  readonly sameFile: boolean;
}

/** An object of both trees that stands elsewhere in relation to the others. */
export interface ReorderedObject {
  readonly before: DiffObject;
  readonly after: DiffObject;
}

/** One need that comes out differently, with its reasons on both sides. */
export interface ChangedEdge {
  /** Who needs it: its ids in the two trees. What only one of the trees loads is not compared edge by edge. */
  readonly requester: { readonly before: ObjectId; readonly after: ObjectId };
  readonly name: ByteText;
  /**
   * `found`: it was missing. `lost`: it is missing now. `target`: it is another file. `rule`: it is the same file by another
   * rule or entry. `added` and `removed`: the requester asks for it in one tree only.
   */
  readonly change: 'found' | 'lost' | 'target' | 'rule' | 'added' | 'removed';
  readonly before: Need | null;
  readonly after: Need | null;
  /** The reason in a sentence: "/opt/lib/liba.so (LD_LIBRARY_PATH entry 1) comes before /usr/lib/liba.so (cache)". */
  readonly reason: string;
}

/** What is different between two trees, root first, in load order. All empty: the loader would do the same. */
export interface TreeDiff {
  readonly identical: boolean;
  readonly before: TreeSide;
  readonly after: TreeSide;
  readonly added: readonly DiffObject[];
  readonly removed: readonly DiffObject[];
  readonly moved: readonly MovedObject[];
  /** A smallest set of objects of both trees without which the orders are equal. */
  readonly reordered: readonly ReorderedObject[];
  readonly edges: readonly ChangedEdge[];
  readonly newProblems: readonly TreeProblem[];
  readonly goneProblems: readonly TreeProblem[];
}

export interface TreeSide {
  readonly root: ObjectId;
  readonly loader: DependencyTree['loader'];
  readonly conditions: TreeConditions;
  readonly objects: number;
  readonly command: string;
}

/**
 * Client → server: what would be different if: the trees of one file under two conditions, or of two files, compared. Nothing
 * is run. Cancellable.
 * Errors: as `binaryDetective/dependencies/tree`.
 */
export const dependencyTreeDiff = requestMethod<TreeDiffParams, TreeDiff>('binaryDetective/dependencies/diff');
