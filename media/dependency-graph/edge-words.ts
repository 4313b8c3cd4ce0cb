import type { PageTexts } from '../../language-server/protocol/dependency-graph-texts.ts';
import { displayText } from '../../language-server/protocol/display-text.ts';
import type { EdgeKind, PageEdge, PageModel } from './page-model.ts';
import { text } from './texts.ts';

const kindNames = {
  auxiliary: 'kindAuxiliary',
  filter: 'kindFilter',
  preload: 'kindPreload',
  interpreter: 'kindInterpreter',
  'dlopen-note': 'kindDlopenNote',
  'dlopen-hint': 'kindDlopenHint',
} as const satisfies Readonly<Record<Exclude<EdgeKind, 'needed'>, keyof PageTexts>>;

/** What a line says of its need: "dlopen, a guess · RUNPATH of libfoo.so, entry 2: $ORIGIN". */
export function edgeText(model: PageModel, edge: PageEdge): string {
  const kind = edge.kind === 'needed' ? [] : [text(kindNames[edge.kind])];
  const reason = edge.isMissing ? text('notFound') : edge.reason;
  const first = model.firstEdgeTo.get(edge.to);
  // Found by a rule, and then seen to be a file that is there already; a name that is known says so itself.
  const rule = model.tree.objects[edge.requester]?.needs[edge.index]?.how?.rule;
  const isFound = edge.list === 'needs' && !edge.isMissing && rule !== 'already-loaded';
  const isThere = isFound && !edge.loads && first !== undefined;
  const loaded = isThere ? [text('loadedElsewhere', model.nodes.get(first.from)?.label ?? '')] : [];
  return [...kind, ...(reason === '' ? [] : [reason]), ...loaded].join(' · ');
}

/** How many problems, in words; empty for none. */
export function problemsText(count: number): string {
  if (count === 0) return '';
  return count === 1 ? text('oneProblem') : text('problems', count);
}

/** The name that is asked for, as it may be shown. */
export function edgeName({ name }: PageEdge): string {
  return displayText(name.slice(name.lastIndexOf('/') + 1));
}
