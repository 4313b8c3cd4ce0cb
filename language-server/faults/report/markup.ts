import { displayText } from '../../protocol/display-text.ts';

/** Text for HTML and XML, between tags and in attributes. What XML 1.0 has no way to write, not even escaped, becomes U+FFFD. */
export function escapeMarkup(text: string): string {
  return displayText(text)
    .replace(/[\uFFFE\uFFFF]/gu, '\uFFFD')
    .replace(/[&<>"']/gu, character => `&#${character.charCodeAt(0)};`);
}

/** The same for several lines: newlines stay. */
export function escapeLines(text: string): string {
  return text.split('\n').map(escapeMarkup).join('\n');
}
