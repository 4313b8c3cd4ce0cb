import { displayText } from '../../../language-server/protocol/display-text.ts';
import { numberText } from '../../page-texts.ts';
import { edgeText, problemsText } from '../edge-words.ts';
import type { PageModel } from '../page-model.ts';
import { text } from '../texts.ts';
import type { Arrow, Box } from './drawn-graph.ts';

/** More needs of one arrow than this do not fit in a tooltip. */
const mostNeeds = 12;

/** "libfoo.so, 1 problem, /usr/lib/libfoo.so, RUNPATH of app, entry 2" */
export function boxText(model: PageModel, box: Box): string {
  if (box.state === 'group') {
    return [text('group', box.label, numberText(box.nodes.length)), problemsText(box.problems)]
      .filter(Boolean)
      .join(', ');
  }
  const [node] = box.nodes;
  const first = node && model.firstEdgeTo.get(node.key);
  const reason = first === undefined ? '' : edgeText(model, first);
  const problems = box.state === 'missing' ? '' : problemsText(box.problems);
  return [box.label, problems, displayText(node?.path ?? ''), reason].filter(words => words !== '').join(', ');
}

/** Each need that an arrow stands for, with its reason. */
export function arrowText(model: PageModel, { edges }: Arrow): string {
  const lines = edges.slice(0, mostNeeds).map(edge => {
    const [from, to] = [model.nodes.get(edge.from)?.label ?? '', displayText(edge.name)];
    return `${from} → ${to}: ${edgeText(model, edge)}`;
  });
  if (edges.length > mostNeeds) lines.push(text('andMore', edges.length - mostNeeds));
  return lines.join('\n');
}
