import type { FaultVerdict } from './faults.ts';

/** The codes of docs/findings.md under which a bug of each verdict is reported. Verdicts that are no bug have none. */
export const faultFindingCodes = {
  crash: 'faults/crash',
  abort: 'faults/abort',
  hang: 'faults/hang',
  wrongOutput: 'faults/wrong-output',
  silentError: 'faults/silent-error',
  leak: 'faults/leak',
  sanitizer: 'faults/sanitizer-report',
} as const satisfies Partial<Record<FaultVerdict, string>>;

export type FaultFindingCode = (typeof faultFindingCodes)[keyof typeof faultFindingCodes];
