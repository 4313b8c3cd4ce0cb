/**
 * The words of the ELF editor's page in English, with `{0}`, `{1}` where values stand. The page has no access to the
 * person's translations: the extension translates all of them and sends them with the answer to `ready`.
 */
export const pageTexts = {
  overview: 'Overview',
  findings: 'Findings',
  noFindings: 'No findings.',
  facts: 'Facts',
  size: '{0} bytes',
  offset: 'at offset {0}',
  expectedActual: 'expected {0}, found {1}',
  rule: 'Rule: {0}',
  error: 'Error',
  warning: 'Warning',
  information: 'Information',
  hint: 'Hint',
  copyCommand: 'Copy the shell command that shows the same',
  copied: 'Copied',
  showDependencies: 'Dependency Tree',
  filterRows: 'Filter rows',
  clearFilter: 'Clear the filter',
  countAll: '{0} rows',
  countMatching: '{0} of {1} rows',
  noRows: 'This table is empty.',
  noMatches: 'No row matches "{0}".',
  loading: 'Reading the file…',
  failed: 'This file cannot be inspected',
  tableFailed: 'This table cannot be read',
  remedy: 'What to do:',
  retry: 'Try Again',
  openOtherwise: 'Open with Another Editor…',
  disassembleHint: 'Enter shows the disassembly of the selected symbol',
  staleNotice: 'The file has changed and could not be read again: {0}',
  resizeColumn: 'Drag to change the width of the column {0}',
} as const;

export type PageTexts = Readonly<Record<keyof typeof pageTexts, string>>;
