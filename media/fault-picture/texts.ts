import type { verdictOrder } from '../../language-server/protocol/fault-picture.ts';
import { type FaultPictureTexts, faultPictureTexts } from '../../language-server/protocol/fault-picture-texts.ts';
import type { FaultVerdict } from '../../language-server/protocol/faults.ts';
import { filledText } from '../page-texts.ts';

let current: FaultPictureTexts = faultPictureTexts;

/** The person's language; English until the extension has answered. */
export function setTexts(texts: FaultPictureTexts): void {
  current = texts;
}

/** A text of the page with its values in place. */
export function text(name: keyof FaultPictureTexts, ...values: readonly (string | number)[]): string {
  return filledText(current[name], values);
}

const verdictNames: Readonly<Record<(typeof verdictOrder)[number] & FaultVerdict, keyof FaultPictureTexts>> = {
  notReached: 'verdictNotReached',
  unaffected: 'verdictUnaffected',
  cleanError: 'verdictCleanError',
  silentError: 'verdictSilentError',
  leak: 'verdictLeak',
  wrongOutput: 'verdictWrongOutput',
  sanitizer: 'verdictSanitizer',
  hang: 'verdictHang',
  abort: 'verdictAbort',
  crash: 'verdictCrash',
};

export function verdictText(verdict: FaultVerdict): string {
  return text(verdictNames[verdict]);
}
