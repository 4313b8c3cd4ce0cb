import { verdictOrder } from '../../../language-server/protocol/fault-picture.ts';
import type { FaultVerdict } from '../../../language-server/protocol/faults.ts';

/** How a verdict is drawn: a shape of its own beside its colour, so that nobody needs to see colours. */
export interface MarkStyle {
  /** In a box of 12 by 12 around 0, 0. */
  readonly path: string;
  readonly filled: boolean;
  /** CSS variables of the theme, the first that there is. */
  readonly colors: readonly string[];
}

const red = ['--vscode-charts-red', '--vscode-errorForeground'];
// The theme's own orange of charts is translucent.
const orange = ['--vscode-editorWarning-foreground', '--vscode-charts-orange'];
const yellow = ['--vscode-charts-yellow', '--vscode-editorWarning-foreground'];
const purple = ['--vscode-charts-purple', '--vscode-foreground'];
const green = ['--vscode-charts-green', '--vscode-testing-iconPassed'];
const blue = ['--vscode-charts-blue', '--vscode-editorInfo-foreground'];
const gray = ['--vscode-descriptionForeground', '--vscode-foreground'];

const styles: Readonly<Record<FaultVerdict, MarkStyle>> = {
  crash: { path: 'M-5-5 5 5M5-5-5 5', filled: false, colors: red },
  abort: { path: 'M0-6 6 0 0 6-6 0z', filled: true, colors: red },
  hang: { path: 'M-5-5H5L-5 5H5z', filled: true, colors: purple },
  sanitizer: { path: 'M-5-5H5V5H-5z', filled: false, colors: red },
  wrongOutput: { path: 'M0-6 6 5H-6z', filled: true, colors: orange },
  leak: { path: 'M0-6C2-2 4 0 4 2A4 4 0 0 1-4 2C-4 0-2-2 0-6z', filled: false, colors: orange },
  silentError: { path: 'M5 0A5 5 0 1 1-5 0A5 5 0 1 1 5 0z', filled: false, colors: yellow },
  cleanError: { path: 'M-5 0-1 4 5-4', filled: false, colors: green },
  unaffected: { path: 'M2.5 0A2.5 2.5 0 1 1-2.5 0A2.5 2.5 0 1 1 2.5 0z', filled: true, colors: blue },
  notReached: { path: 'M-4 0H4', filled: false, colors: gray },
};

/** @param verdict Index in `verdictOrder`. */
export function markStyle(verdict: number): MarkStyle {
  return styles[verdictOrder[verdict] ?? 'notReached'];
}

/** The colour of a style in the theme of the page. */
export function markColor({ colors }: MarkStyle, theme: CSSStyleDeclaration): string {
  const values = [...colors, '--vscode-foreground'].map(name => theme.getPropertyValue(name).trim());
  return values.find(value => value !== '') ?? 'currentcolor';
}
