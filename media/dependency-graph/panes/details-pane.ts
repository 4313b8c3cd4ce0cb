import { html, nothing, type TemplateResult } from 'lit';
import type { TriedCandidate } from '../../../language-server/protocol/dependencies.ts';
import { displayText } from '../../../language-server/protocol/display-text.ts';
import type { TreePaths } from '../../../language-server/protocol/tree-paths.ts';
import { numberText } from '../../page-texts.ts';
import { commandLine } from '../command-line.ts';
import { edgeName, edgeText, problemsText } from '../edge-words.ts';
import { type PageEdge, type PageModel, type PageNode, pathTarget } from '../page-model.ts';
import { text } from '../texts.ts';

/** Longer lists would push all else away; the tree has them whole. */
const shownLines = 100;

export interface DetailsParts {
  readonly model: PageModel;
  readonly node: PageNode | undefined;
  /** The need by which the node was selected, or for which it is loaded. */
  readonly edge: PageEdge | undefined;
  readonly packageName: string | undefined;
  /** Undefined until they are there. */
  readonly tried: readonly TriedCandidate[] | undefined;
  /** Null while nobody asks why. */
  readonly paths: TreePaths | null;
  readonly act: (action: DetailsAction) => void;
}

export type DetailsAction =
  | { readonly kind: 'open' | 'folder' | 'dependencies' | 'copyPath' | 'why' | 'closeWhy' }
  | { readonly kind: 'select'; readonly edge: PageEdge };

/** All about the selected library: why it is here, where the loader looked, who needs it. */
export function detailsPane(parts: DetailsParts): TemplateResult {
  const { node, model, edge } = parts;
  if (node === undefined) return html`<p class="quiet hint">${text('nothingSelected')}</p>`;
  return html`
    <h2 class="details-title">${node.label}${node.state === 'missing' ? html` <span class="quiet">${text('notFound')}</span>` : nothing}</h2>
    ${actions(parts, node)}
    ${parts.paths === null ? nothing : pathsList(parts, node, parts.paths)}
    ${facts(parts, node)}
    ${problems(model, node, edge)}
    ${edge === undefined ? nothing : candidates(parts.tried)}
    ${edgeList(parts, text('neededBy'), model.edgesTo.get(node.key) ?? [], other => other.from)}
    <h3>${text('sameByCommands')}</h3>
    ${commandLine(model.tree.command)}
  `;
}

function actions({ act, paths }: DetailsParts, node: PageNode): TemplateResult {
  const button = (kind: Exclude<DetailsAction['kind'], 'select'>, label: string, icon: string): TemplateResult =>
    html`<button type="button" class="action" @click=${() => act({ kind })}><span class="codicon codicon-${icon}" aria-hidden="true"></span>${label}</button>`;
  const canAsk = pathTarget(node) !== null && node.state !== 'root';
  return html`
    <div class="details-actions">
      ${node.path === null ? nothing : html`${button('open', text('open'), 'go-to-file')}${button('dependencies', text('showDependencies'), 'type-hierarchy-sub')}${button('folder', text('reveal'), 'folder-opened')}${button('copyPath', text('copyPath'), 'copy')}`}
      ${canAsk && paths === null ? button('why', text('whyHere'), 'question') : nothing}
    </div>
  `;
}

function facts({ packageName, edge, model }: DetailsParts, node: PageNode): TemplateResult {
  const rows: readonly (readonly [string, string | null | undefined])[] = [
    [text('file'), node.path],
    [text('columnReason'), edge === undefined ? null : edgeText(model, edge)],
    [text('soname'), node.object?.soname],
    [text('machine'), node.object?.machine],
    [text('package'), packageName],
    [text('problemsHere'), problemsText(node.state === 'missing' ? 0 : node.problems)],
  ];
  return html`<dl class="details-facts">${rows.map(([name, value]) => (value ? html`<dt>${name}</dt><dd>${displayText(value)}</dd>` : nothing))}</dl>`;
}

function problems({ tree }: PageModel, node: PageNode, edge: PageEdge | undefined): TemplateResult | typeof nothing {
  const about = tree.problems.filter(problem => {
    if (node.id !== null && problem.object === node.id) return true;
    return edge !== undefined && problem.edge === edge.name && problem.object === edge.requester;
  });
  if (about.length === 0) return nothing;
  return html`
    <h3>${text('problemsHere')}</h3>
    <ul class="findings">
      ${about.slice(0, shownLines).map(
        ({ severity, message, evidence }) => html`
          <li class="finding ${severity}">
            <span class="codicon codicon-${severity === 'error' || severity === 'warning' ? severity : 'info'}" aria-hidden="true"></span>
            <div><p>${displayText(message)}</p>${evidence?.rule === undefined ? nothing : html`<p class="quiet">${text('rule', evidence.rule)}</p>`}</div>
          </li>
        `,
      )}
    </ul>
  `;
}

/** Every candidate in the loader's order, with its words about each. */
function candidates(tried: readonly TriedCandidate[] | undefined): TemplateResult | typeof nothing {
  if (tried === undefined) return nothing;
  if (tried.length === 0) return html`<p class="quiet">${text('triedNothing')}</p>`;
  return html`
    <h3>${text('tried')}</h3>
    <table class="tried">
      <thead><tr><th scope="col">${text('candidate')}</th><th scope="col">${text('outcome')}</th></tr></thead>
      <tbody>
        ${tried.slice(0, 1000).map(({ path, outcome }) => html`<tr><td><code>${displayText(path)}</code></td><td>${displayText(outcome)}</td></tr>`)}
      </tbody>
    </table>
    ${tried.length > 1000 ? html`<p class="quiet">${text('andMore', tried.length - 1000)}</p>` : nothing}
  `;
}

function edgeList(
  { model, act }: DetailsParts,
  title: string,
  edges: readonly PageEdge[],
  end: (edge: PageEdge) => string,
): TemplateResult | typeof nothing {
  if (edges.length === 0) return nothing;
  return html`
    <h3>${title} <span class="quiet">${numberText(edges.length)}</span></h3>
    <ul class="edge-list">
      ${edges
        .slice(0, shownLines)
        .map(
          edge =>
            html`<li><button type="button" class="link" @click=${() => act({ kind: 'select', edge })}>${model.nodes.get(end(edge))?.label}</button> <span class="quiet">${edgeText(model, edge)}</span></li>`,
        )}
    </ul>
    ${edges.length > shownLines ? html`<p class="quiet">${text('andMore', edges.length - shownLines)}</p>` : nothing}
  `;
}

function pathsList({ model, act }: DetailsParts, node: PageNode, { paths, complete }: TreePaths): TemplateResult {
  const ends = [model.root.label, node.label] as const;
  const title = !complete
    ? text('firstPaths', paths.length, ...ends)
    : paths.length === 1
      ? text('onePath', ...ends)
      : text('paths', paths.length, ...ends);
  return html`
    <section class="why" aria-label=${text('whyHere')}>
      <div role="status"><h3>${paths.length === 0 ? text('noPath', node.label) : title}</h3></div>
      <button type="button" class="action" @click=${() => act({ kind: 'closeWhy' })}><span class="codicon codicon-close" aria-hidden="true"></span>${text('closeWhy')}</button>
      <ol>
        ${paths.map(
          path =>
            html`<li>${model.root.label}${path.map(({ requester, need }) => {
              const found = edgeOf(model, requester, need.name);
              return found === undefined
                ? nothing
                : html` → <button type="button" class="link" title=${edgeText(model, found)} @click=${() => act({ kind: 'select', edge: found })}>${edgeName(found)}</button>`;
            })}</li>`,
        )}
      </ol>
    </section>
  `;
}

function edgeOf({ edgesFrom }: PageModel, requester: string, name: string): PageEdge | undefined {
  return edgesFrom.get(`o ${requester}`)?.find(edge => edge.name === name && edge.list === 'needs');
}
