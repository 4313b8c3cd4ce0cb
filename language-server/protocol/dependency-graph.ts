import type { DependencyTree, ObjectId, TriedCandidate, WhatIf } from './dependencies.ts';
import type { PageTexts } from './dependency-graph-texts.ts';
import type { ByteText } from './elf.ts';
import type { FilePackages } from './file-packages.ts';
import type { LoaderSymbols } from './loader-symbols.ts';
import type { TreeDiff } from './tree-diff.ts';
import type { PathTarget } from './tree-paths.ts';

/**
 * Messages between the page of a file's dependencies and the extension (not the wire of the language server). The page speaks
 * first (`ready`); nothing of the file is in its HTML. Sent with vscode-messenger: a request that fails is answered with its
 * error.
 */
export const dependencyGraphMessages = {
  /** Page → host, request: the page is up, or asks what if; the answer is the tree, or the sentence that says why not. */
  ready: { method: 'dependencyGraph/ready' },
  /** Page → host, request: where the loader looks for one need. */
  candidates: { method: 'dependencyGraph/candidates' },
  /** Page → host, request: which packages the files belong to. */
  packages: { method: 'dependencyGraph/packages' },
  /** Page → host, request: what is different from the tree as it is. */
  compare: { method: 'dependencyGraph/compare' },
  /** Page → host, request: undefined symbols and needs that nothing is used of. */
  symbols: { method: 'dependencyGraph/symbols' },
  /** Page → host, request: open a file in the ELF editor, show it in its folder, or find it in the tree view. */
  open: { method: 'dependencyGraph/open' },
  /** Page → host, request: put text on the clipboard. */
  copy: { method: 'dependencyGraph/copy' },
  /** Page → host, request: put the whole tree on the clipboard. */
  copyTree: { method: 'dependencyGraph/copyTree' },
  /** Page → host, request: choose a folder as sysroot; the answer is its path, or null. */
  chooseFolder: { method: 'dependencyGraph/chooseFolder' },
  /** Page → host, request: show the file of the page in another editor. */
  openOtherwise: { method: 'dependencyGraph/openOtherwise' },
  /** Host → page, notification: the file changed on disk; the page asks again. */
  changed: { method: 'dependencyGraph/changed' },
  /** Host → page, notification: do what was chosen in the menu of a library. */
  menu: { method: 'dependencyGraph/menu' },
  /** Host → page, notification: show why a library is here. */
  why: { method: 'dependencyGraph/why' },
} as const;

export interface ReadyParams {
  readonly whatIf: WhatIf;
}

/** The tree without the candidates of each search, which come one need at a time, and with reasons in the person's language. */
export interface PageTree {
  readonly tree: DependencyTree;
  /** For each need of each object, in its order. */
  readonly reasons: Readonly<Record<ObjectId, readonly string[]>>;
  readonly softReasons: Readonly<Record<ObjectId, readonly string[]>>;
  /** Needs that are left out where one object has more than anybody could look through. */
  readonly cutNeeds: number;
}

export type ReadyResult = { readonly texts: PageTexts } & (
  | {
      readonly kind: 'tree';
      readonly page: PageTree;
      /** What the person has asked for elsewhere. */
      readonly why: PathTarget | null;
    }
  | { readonly kind: 'error'; readonly message: string; readonly remedy?: string }
);

export interface CandidatesParams {
  readonly whatIf: WhatIf;
  readonly requester: ObjectId;
  readonly list: 'needs' | 'softEdges';
  readonly index: number;
}

export interface CandidatesResult {
  readonly tried: readonly TriedCandidate[];
}

export interface PackagesParams {
  readonly paths: readonly ByteText[];
  readonly sysroot: ByteText | null;
}
export type PackagesResult = FilePackages;

export type CompareParams = ReadyParams;
export type CompareResult = TreeDiff;
export type SymbolsParams = ReadyParams;
export type SymbolsResult = LoaderSymbols;

export interface OpenParams {
  readonly path: ByteText;
  readonly where: 'inspector' | 'folder' | 'dependencies';
}

export interface CopyParams {
  readonly text: string;
}

export const copyFormats = ['text', 'json', 'dot', 'mermaid'] as const;
export type CopyFormat = (typeof copyFormats)[number];

export interface CopyTreeParams {
  readonly whatIf: WhatIf;
  readonly format: CopyFormat;
}

export interface WhyParams {
  readonly target: PathTarget;
}

export type MenuAction = 'open' | 'why' | 'copyPath';

export interface MenuParams {
  /** Of the node, as the page has put it into the element's `data-vscode-context`. */
  readonly key: string;
  readonly action: MenuAction;
}
