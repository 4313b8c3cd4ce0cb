import { html, nothing, type TemplateResult } from 'lit';

export interface Tab {
  readonly id: string;
  readonly title: string;
  /** A number beside the title, as it is shown. */
  readonly count: string | undefined;
}

const panelId = 'tab-panel';

/**
 * Tabs above the content of the selected one. Not the library's own: those can be neither scrolled when the editor is narrow
 * nor switched with the keys that WAI-ARIA has for tabs.
 */
export function tabbed(
  tabs: readonly Tab[],
  selected: string,
  label: string,
  select: (id: string) => void,
  content: TemplateResult,
): TemplateResult {
  return html`
    <div class="tab-bar" role="tablist" aria-label=${label} @keydown=${(event: KeyboardEvent) => onKey(event, tabs, selected, select)}>
      ${tabs.map(
        tab => html`
          <button
            type="button"
            class="tab"
            role="tab"
            id=${elementId(tab.id)}
            aria-selected=${tab.id === selected}
            aria-controls=${panelId}
            tabindex=${tab.id === selected ? 0 : -1}
            @click=${() => select(tab.id)}
          >
            ${tab.title}${tab.count === undefined ? nothing : html`<vscode-badge variant="counter">${tab.count}</vscode-badge>`}
          </button>
        `,
      )}
    </div>
    <div class="tab-panel" role="tabpanel" id=${panelId} aria-labelledby=${elementId(selected)}>${content}</div>
  `;
}

function onKey(event: KeyboardEvent, tabs: readonly Tab[], selected: string, select: (id: string) => void): void {
  const target =
    tabs[
      movedTab(
        event.key,
        tabs.findIndex(({ id }) => id === selected),
        tabs.length,
      )
    ];
  if (target === undefined) return;
  event.preventDefault();
  select(target.id);
  document.getElementById(elementId(target.id))?.focus();
}

/** Place of the tab that a key leads to; -1: the key is none for tabs. */
function movedTab(key: string, from: number, count: number): number {
  switch (key) {
    case 'ArrowRight':
      return (from + 1) % count;
    case 'ArrowLeft':
      return (from + count - 1) % count;
    case 'Home':
      return 0;
    case 'End':
      return count - 1;
    default:
      return -1;
  }
}

function elementId(id: string): string {
  return `tab-${id}`;
}
