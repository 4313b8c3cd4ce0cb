import { html, nothing, type TemplateResult } from 'lit';
import type { WhatIf } from '../../../language-server/protocol/dependencies.ts';
import type { PageTexts } from '../../../language-server/protocol/dependency-graph-texts.ts';
import { displayText } from '../../../language-server/protocol/display-text.ts';
import type { ChangedEdge, DiffObject, TreeDiff } from '../../../language-server/protocol/tree-diff.ts';
import { numberText } from '../../page-texts.ts';
import { text } from '../texts.ts';

export interface WhatIfParts {
  readonly whatIf: WhatIf;
  readonly diff: TreeDiff | 'working' | string | null;
  readonly apply: (whatIf: WhatIf) => void;
  readonly chooseFolder: () => Promise<string | null>;
}

const levels = ['x86-64-v4', 'x86-64-v3', 'x86-64-v2', 'none'] as const;

/** A small form of all that decides beside the files, and what it changes. */
export function whatIfPane({ whatIf, diff, apply, chooseFolder }: WhatIfParts): TemplateResult {
  const submit = (event: Event): void => {
    event.preventDefault();
    if (event.currentTarget instanceof HTMLFormElement) apply(conditionsOf(new FormData(event.currentTarget)));
  };
  const choose = async (event: Event): Promise<void> => {
    const form = event.currentTarget instanceof Element ? event.currentTarget.closest('form') : null;
    const folder = await chooseFolder();
    const input = form?.querySelector<HTMLInputElement>('input[name="sysroot"]');
    if (folder !== null && input) input.value = folder;
  };
  return html`
    <h2 class="details-title">${text('whatIfTitle')}</h2>
    <form class="what-if" @submit=${submit}>
      ${textField('libraryPath', 'whatIfLibraryPath', whatIf.libraryPath)}
      ${textField('preload', 'whatIfPreload', whatIf.preload)}
      ${textField('sysroot', 'whatIfSysroot', whatIf.sysroot)}
      <button type="button" class="action" @click=${(event: Event) => void choose(event)}><span class="codicon codicon-folder" aria-hidden="true"></span>${text('chooseFolder')}</button>
      ${textField('cwd', 'whatIfCwd', whatIf.cwd)}
      <label>
        <span>${text('whatIfHwcaps')}</span>
        <select name="hwcaps">
          <option value="" ?selected=${whatIf.hwcaps === undefined}>${text('asHere')}</option>
          ${levels.map(level => html`<option value=${level} ?selected=${whatIf.hwcaps === level}>${level}</option>`)}
        </select>
      </label>
      ${textField('glibcVersion', 'whatIfGlibc', whatIf.glibcVersion, '2.31')}
      <label class="check"><input type="checkbox" name="setuid" .checked=${whatIf.setuid === true}> <span>${text('whatIfSetuid')}</span></label>
      <div class="buttons">
        <button type="submit" class="action primary">${text('apply')}</button>
        <button type="button" class="action" @click=${() => apply({})}>${text('reset')}</button>
      </div>
    </form>
    ${diffView(diff)}
  `;
}

/** "LD_LIBRARY_PATH=/opt/lib, setuid": what is not as it is here. */
export function conditionsText(whatIf: WhatIf): string {
  const { libraryPath, preload, sysroot, cwd, hwcaps, glibcVersion, setuid } = whatIf;
  const said = [
    libraryPath === undefined ? [] : [`LD_LIBRARY_PATH=${libraryPath}`],
    preload === undefined ? [] : [`LD_PRELOAD=${preload}`],
    sysroot === undefined ? [] : [`sysroot ${sysroot}`],
    cwd === undefined ? [] : [`cwd ${cwd}`],
    hwcaps === undefined ? [] : [`hwcaps ${hwcaps}`],
    glibcVersion === undefined ? [] : [`glibc ${glibcVersion}`],
    setuid === true ? ['setuid'] : [],
  ].flat();
  return said.map(displayText).join(', ');
}

/** Nothing typed is as it is here; a single `''` or `""` is the empty value, which can be meant too. */
function conditionsOf(form: FormData): WhatIf {
  const said = (name: string): string | undefined => {
    const value = form.get(name);
    if (typeof value !== 'string' || value.trim() === '') return undefined;
    return /^(?:''|"")$/u.test(value.trim()) ? '' : value;
  };
  const names = ['libraryPath', 'preload', 'sysroot', 'cwd', 'hwcaps', 'glibcVersion'] as const;
  const values = names.flatMap(name => {
    const value = said(name);
    return value === undefined ? [] : [[name, value] as const];
  });
  return { ...Object.fromEntries(values), ...(form.get('setuid') !== null && { setuid: true }) };
}

function textField(name: string, label: keyof PageTexts, value: string | undefined, example = ''): TemplateResult {
  const shown = value === '' ? "''" : (value ?? '');
  return html`<label><span>${text(label)}</span><input type="text" name=${name} .value=${shown} placeholder=${example === '' ? text('asHere') : `${text('asHere')} (${example})`} spellcheck="false"></label>`;
}

function diffView(diff: WhatIfParts['diff']): TemplateResult | typeof nothing {
  if (diff === null) return nothing;
  if (diff === 'working') return html`<p role="status">${text('working')}</p>`;
  if (typeof diff === 'string') return html`<p role="alert">${displayText(diff)}</p>`;
  if (diff.identical) return html`<h3>${text('differences')}</h3><p role="status">${text('noDifference')}</p>`;
  const files = (objects: readonly DiffObject[]): readonly string[] => objects.map(({ path }) => path);
  return html`
    <div role="status"><h3>${text('differences')}</h3></div>
    ${fileList('added', 'diff-added', files(diff.added))}
    ${fileList('removed', 'diff-removed', files(diff.removed))}
    ${fileList(
      'moved',
      'diff-modified',
      diff.moved.map(({ before, after }) => `${before.path} → ${after.path}`),
    )}
    ${fileList(
      'reordered',
      'arrow-swap',
      diff.reordered.map(({ before, after }) => `${after.path}: ${before.place + 1} → ${after.place + 1}`),
    )}
    ${fileList(
      'newProblems',
      'error',
      diff.newProblems.map(({ message }) => message),
    )}
    ${fileList(
      'goneProblems',
      'pass',
      diff.goneProblems.map(({ message }) => message),
    )}
    ${edgesTable(diff.edges)}
  `;
}

const shownLines = 200;

function fileList(title: keyof PageTexts, icon: string, lines: readonly string[]): TemplateResult | typeof nothing {
  if (lines.length === 0) return nothing;
  return html`
    <h4>${text(title)} <span class="quiet">${numberText(lines.length)}</span></h4>
    <ul class="diff-list">
      ${lines.slice(0, shownLines).map(line => html`<li><span class="codicon codicon-${icon}" aria-hidden="true"></span> ${displayText(line)}</li>`)}
    </ul>
    ${lines.length > shownLines ? html`<p class="quiet">${text('andMore', lines.length - shownLines)}</p>` : nothing}
  `;
}

const changes = {
  found: 'changeFound',
  lost: 'changeLost',
  target: 'changeTarget',
  rule: 'changeRule',
  added: 'changeAdded',
  removed: 'changeRemoved',
} as const satisfies Readonly<Record<ChangedEdge['change'], keyof PageTexts>>;

function edgesTable(edges: readonly ChangedEdge[]): TemplateResult | typeof nothing {
  if (edges.length === 0) return nothing;
  return html`
    <h4>${text('changedEdges')} <span class="quiet">${numberText(edges.length)}</span></h4>
    <ul class="diff-list">
      ${edges.slice(0, shownLines).map(({ name, change, reason }) => html`<li><strong>${displayText(name)}</strong> ${text(changes[change])} <span class="quiet">${displayText(reason)}</span></li>`)}
    </ul>
    ${edges.length > shownLines ? html`<p class="quiet">${text('andMore', edges.length - shownLines)}</p>` : nothing}
  `;
}
