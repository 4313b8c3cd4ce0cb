import type {
  TraceBinding,
  TraceBindingGroup,
  TraceDifference,
  TracedProcess,
  TraceError,
  TraceLibrary,
  TraceProcessDetail,
  TraceSearch,
} from '../../language-server/protocol/trace.ts';
import type { Trace } from './traces.ts';

/** One line of the view. Ids are the ways down, so that VS Code keeps what is open. */
export type TraceNode = RootNode | ProcessNode | GroupNode | LeafNode | PairNode | MoreNode | MessageNode;

export interface RootNode {
  readonly kind: 'root';
  readonly id: string;
  readonly trace: Trace;
}

export interface ProcessNode {
  readonly kind: 'process';
  readonly id: string;
  readonly parent: RootNode;
  readonly process: TracedProcess;
}

/** What happened in a process, a phase each. */
export type Phase = 'differences' | 'errors' | 'searches' | 'libraries' | 'bindings';
export const phases: readonly Phase[] = ['differences', 'errors', 'searches', 'libraries', 'bindings'];

export interface GroupNode {
  readonly kind: 'group';
  readonly id: string;
  readonly parent: ProcessNode;
  readonly phase: Phase;
  readonly detail: TraceProcessDetail;
  /** With a filter the bindings are listed at once. */
  readonly filter: string;
}

/** The bindings of one object to another. */
export interface PairNode {
  readonly kind: 'pair';
  readonly id: string;
  readonly parent: GroupNode;
  readonly pair: TraceBindingGroup;
}

export type Leaf =
  | { readonly kind: 'difference'; readonly difference: TraceDifference }
  | { readonly kind: 'error'; readonly error: TraceError }
  | { readonly kind: 'search'; readonly search: TraceSearch; readonly differs: boolean }
  | { readonly kind: 'tried'; readonly path: string; readonly remark: string | null; readonly predicted: string | null }
  | { readonly kind: 'library'; readonly library: TraceLibrary }
  | { readonly kind: 'binding'; readonly binding: TraceBinding };

export interface LeafNode {
  readonly kind: 'leaf';
  readonly id: string;
  readonly parent: GroupNode | PairNode | LeafNode;
  readonly leaf: Leaf;
}

/** Further bindings, which are asked for when a person wants them. */
export interface MoreNode {
  readonly kind: 'more';
  readonly id: string;
  readonly parent: GroupNode | PairNode;
  readonly left: number;
}

export interface MessageNode {
  readonly kind: 'message';
  readonly id: string;
  readonly parent: RootNode | ProcessNode | GroupNode;
  readonly message: string;
}

export function countOf(detail: TraceProcessDetail, phase: Phase): number {
  switch (phase) {
    case 'differences':
      return detail.differences.length;
    case 'errors':
      return detail.errors.length;
    case 'searches':
      return detail.searches.length;
    case 'libraries':
      return detail.libraries.length;
    case 'bindings':
      return detail.process.bindings;
  }
}

/** The lines of a phase, all but bindings. */
export function leavesOf(parent: GroupNode): readonly LeafNode[] {
  return leavesOfPhase(parent).map((leaf, index) => ({ kind: 'leaf', id: `${parent.id}\n${index}`, parent, leaf }));
}

function leavesOfPhase({ phase, detail }: GroupNode): readonly Leaf[] {
  switch (phase) {
    case 'differences':
      return detail.differences.map(difference => ({ kind: 'difference', difference }));
    case 'errors':
      return detail.errors.map(error => ({ kind: 'error', error }));
    case 'searches': {
      const differing = new Set(detail.differences.map(({ by, name }) => `${by}\0${name}`));
      return detail.searches.map(search => {
        return { kind: 'search', search, differs: differing.has(`${search.by}\0${search.name}`) };
      });
    }
    case 'libraries':
      return detail.libraries.map(library => ({ kind: 'library', library }));
    case 'bindings':
      return [];
  }
}

/** Below a search each path that was tried, below a difference both sides, place by place. */
export function attemptsOf(parent: LeafNode): readonly LeafNode[] {
  return attempts(parent.leaf).map((leaf, index) => ({ kind: 'leaf', id: `${parent.id}\n${index}`, parent, leaf }));
}

function attempts(leaf: Leaf): readonly Leaf[] {
  if (leaf.kind === 'search') {
    const { tried, predicted } = leaf.search;
    return tried.map(({ path, remark }, at) => {
      return { kind: 'tried', path, remark, predicted: predicted === null ? null : (predicted[at] ?? '') };
    });
  }
  if (leaf.kind !== 'difference') return [];
  const { predicted, traced } = leaf.difference;
  const length = Math.max(predicted?.length ?? 0, traced?.length ?? 0);
  return Array.from({ length }, (_, at) => {
    return { kind: 'tried', path: traced?.[at] ?? '', remark: null, predicted: predicted?.[at] ?? '' };
  });
}

/** The file that a line is about; undefined where it is about none. */
export function fileOf(node: TraceNode): string | undefined {
  if (node.kind === 'process') return node.process.path ?? undefined;
  if (node.kind !== 'leaf') return undefined;
  const { leaf } = node;
  const path =
    leaf.kind === 'library'
      ? leaf.library.path
      : leaf.kind === 'search'
        ? leaf.search.path
        : leaf.kind === 'tried'
          ? leaf.path
          : null;
  return path?.startsWith('/') === true ? path : undefined;
}
