import { html, nothing, type TemplateResult } from 'lit';
import { type CopyFormat, copyFormats } from '../../language-server/protocol/dependency-graph.ts';
import type { PageTexts } from '../../language-server/protocol/dependency-graph-texts.ts';
import type { Fold, PageState, PageView, Pane } from './page-state.ts';
import { text } from './texts.ts';

export interface ToolbarParts {
  readonly state: PageState;
  /** What the picture is folded by, where the person has not said it. */
  readonly fold: Fold;
  readonly hasPackages: boolean;
  readonly keep: (change: Partial<PageState>) => void;
  readonly copy: (format: CopyFormat) => void;
  readonly togglePane: (pane: Pane) => void;
}

const views = { tree: 'viewTree', picture: 'viewPicture', both: 'viewBoth' } as const satisfies Record<
  PageView,
  keyof PageTexts
>;
const folds = { none: 'foldNone', folder: 'foldFolder', package: 'foldPackage' } as const satisfies Record<
  Fold,
  keyof PageTexts
>;
const formats = {
  text: 'formatText',
  json: 'formatJson',
  dot: 'formatDot',
  mermaid: 'formatMermaid',
} as const satisfies Record<CopyFormat, keyof PageTexts>;

/** What is shown of the tree, and how. */
export function toolbar({ state, fold, hasPackages, keep, copy, togglePane }: ToolbarParts): TemplateResult {
  const onQuery = (event: Event): void => {
    const { value } = event.currentTarget as EventTarget & { readonly value: string };
    if (value !== state.query) keep({ query: value });
  };
  return html`
    <div class="table-bar graph-bar">
      <vscode-textfield class="filter" placeholder=${text('filter')} label=${text('filter')} .value=${state.query} @input=${onQuery} @change=${onQuery}>
        ${state.query === '' ? nothing : html`<button slot="content-after" type="button" class="icon-button codicon codicon-clear-all" title=${text('clearFilter')} aria-label=${text('clearFilter')} @click=${() => keep({ query: '' })}></button>`}
      </vscode-textfield>
      ${toggle('onlyProblems', state.onlyProblems, () => keep({ onlyProblems: !state.onlyProblems }))}
      ${toggle('hideSystem', state.hideSystem, () => keep({ hideSystem: !state.hideSystem }))}
      ${toggle('soft', state.soft, () => keep({ soft: !state.soft }), text('softHint'))}
      ${chips(text('view'), views, state.view, view => keep({ view }))}
      <span class="fold-label" aria-hidden="true">${text('fold')}</span>
      ${chips(
        text('fold'),
        folds,
        fold,
        chosen => keep({ fold: chosen, unfolded: [] }),
        choice => (choice === 'package' && !hasPackages ? text('foldPackageUnknown') : undefined),
      )}
      <span class="spacer"></span>
      ${toggle('whatIf', state.pane === 'whatIf', () => togglePane('whatIf'))}
      ${toggle('symbols', state.pane === 'symbols', () => togglePane('symbols'))}
      <span class="fold-label" aria-hidden="true">${text('copyTree')}</span>
      <div class="chips" role="group" aria-label=${text('copyTree')}>
        ${copyFormats.map(format => html`<button type="button" class="chip" @click=${() => copy(format)}>${text(formats[format])}</button>`)}
      </div>
    </div>
  `;
}

function toggle(label: keyof PageTexts, isOn: boolean, press: () => void, hint?: string): TemplateResult {
  return html`<button type="button" class="chip" aria-pressed=${isOn} title=${hint ?? nothing} @click=${press}>${text(label)}</button>`;
}

function chips<Choice extends string>(
  label: string,
  choices: Readonly<Record<Choice, keyof PageTexts>>,
  chosen: Choice,
  choose: (choice: Choice) => void,
  refusal: (choice: Choice) => string | undefined = () => undefined,
): TemplateResult {
  const names = Object.keys(choices) as Choice[];
  return html`
    <div class="chips" role="group" aria-label=${label}>
      ${names.map(
        choice =>
          html`<button type="button" class="chip" aria-pressed=${choice === chosen} ?disabled=${refusal(choice) !== undefined} title=${refusal(choice) ?? nothing} @click=${() => choose(choice)}>${text(choices[choice])}</button>`,
      )}
    </div>
  `;
}
