import { html, nothing, svg, type TemplateResult } from 'lit';
import { displayText } from '../../language-server/protocol/display-text.ts';
import type { ElfOverview, OverviewFact, OverviewPart } from '../../language-server/protocol/elf.ts';
import type { Finding, Severity } from '../../language-server/protocol/finding.ts';
import { commandLine } from './command-line.ts';
import { host } from './host.ts';
import { shareText, sizeText } from './size/size-text.ts';
import { text } from './texts.ts';

const severityIcons: Readonly<Record<Severity, string>> = {
  error: 'error',
  warning: 'warning',
  information: 'info',
  hint: 'lightbulb',
};

/** What is this file? One sentence, then what is remarkable about it, then the facts with where they come from. */
export function overviewTab(overview: ElfOverview): TemplateResult {
  return html`
    <div class="overview">
      <div class="summary">
        <h1>${overview.identity.summary}</h1>
        <p class="path">${displayText(overview.path)} · ${text('size', overview.sizeBytes)}</p>
        <vscode-button secondary icon="list-tree" @click=${() => void host.showDependencies()}>
          ${text('showDependencies')}
        </vscode-button>
      </div>
      <section aria-labelledby="findings-title">
        <h2 id="findings-title">${text('findings')}</h2>
        ${
          overview.findings.length === 0
            ? html`<p class="quiet"><span class="codicon codicon-pass" aria-hidden="true"></span> ${text('noFindings')}</p>`
            : html`<ul class="findings">${overview.findings.map(findingItem)}</ul>`
        }
      </section>
      ${overview.parts === undefined ? nothing : sizeSection(overview.parts, overview.sizeBytes)}
      <section aria-labelledby="facts-title">
        <h2 id="facts-title">${text('facts')}</h2>
        ${factGroups(overview.facts).map(factGroup)}
      </section>
    </div>
  `;
}

/** A bar of the file's largest parts, and the same in words. */
function sizeSection(parts: readonly OverviewPart[], sizeBytes: number): TemplateResult | typeof nothing {
  // The rest comes last, however much it is.
  const rank = ({ count, fileBytes }: OverviewPart): number => (count === undefined ? fileBytes : 0);
  const shown = parts.filter(({ fileBytes }) => fileBytes > 0).sort((left, right) => rank(right) - rank(left));
  if (shown.length === 0) return nothing;
  let from = 0;
  const places = shown.map(({ fileBytes }) => {
    const x = from;
    from += (barUnits * fileBytes) / sizeBytes;
    return { x, width: from - x };
  });
  return html`
    <section aria-labelledby="parts-title">
      <h2 id="parts-title">${text('sizeBySection')}</h2>
      <svg class="parts-bar" viewBox="0 0 ${barUnits} 10" preserveAspectRatio="none" aria-hidden="true">
        ${places.map(({ x, width }, at) => svg`<rect class="bar-part part-${at}" x=${x} y="0" width=${width} height="10"></rect>`)}
      </svg>
      <ul class="parts">
        ${shown.map(
          ({ name, fileBytes, count }, at) => html`
            <li>
              <svg class="part-key" viewBox="0 0 10 10" aria-hidden="true"><rect class="part-${at}" width="10" height="10"></rect></svg>
              <span>${count === undefined ? displayText(name) : text('otherParts', count)}</span>
              <span class="quiet">${sizeText(fileBytes)}, ${shareText(fileBytes, sizeBytes)}</span>
            </li>
          `,
        )}
      </ul>
      <button type="button" class="link" @click=${(event: Event) => selectTab(event, 'size-report')}>${text('moreAboutSize')}</button>
    </section>
  `;
}

const barUnits = 1000;

/** The page listens for it: which tab is in front is the page's. */
function selectTab({ currentTarget }: Event, id: string): void {
  currentTarget?.dispatchEvent(new CustomEvent('tab-selected', { detail: id, bubbles: true }));
}

/** One finding, in a list. */
export function findingItem(finding: Finding): TemplateResult {
  const { severity, evidence } = finding;
  const details = [
    finding.offset === undefined ? undefined : text('offset', `0x${finding.offset.toString(16)}`),
    finding.expected === undefined
      ? undefined
      : text('expectedActual', displayText(finding.expected), displayText(finding.actual ?? '')),
    evidence?.rule === undefined ? undefined : text('rule', evidence.rule),
  ].filter(detail => detail !== undefined);
  return html`
    <li class="finding ${severity}">
      <span class="codicon codicon-${severityIcons[severity]}" aria-hidden="true"></span>
      <div>
        <p><strong>${text(severity)}:</strong> ${displayText(finding.message)} <span class="code">${finding.code}</span></p>
        ${details.length === 0 ? nothing : html`<p class="quiet">${details.join(' · ')}</p>`}
        ${evidence?.command === undefined ? nothing : commandLine(evidence.command)}
      </div>
    </li>
  `;
}

interface FactGroup {
  readonly command: string;
  readonly facts: readonly OverviewFact[];
}

/** Facts that one command shows stand together above it. */
function factGroups(facts: readonly OverviewFact[]): readonly FactGroup[] {
  const groups = new Map<string, OverviewFact[]>();
  for (const fact of facts) groups.set(fact.command, [...(groups.get(fact.command) ?? []), fact]);
  return [...groups].map(([command, grouped]) => ({ command, facts: grouped }));
}

function factGroup({ command, facts }: FactGroup): TemplateResult {
  return html`
    <div class="facts">
      <dl>
        ${facts.map(
          fact => html`
            <div>
              <dt>${fact.label}</dt>
              ${fact.values.map(value => html`<dd>${displayText(value)}</dd>`)}
            </div>
          `,
        )}
      </dl>
      ${commandLine(command)}
    </div>
  `;
}
