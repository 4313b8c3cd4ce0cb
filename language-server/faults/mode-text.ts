import type { FaultMode } from '../protocol/faults.ts';

/**
 * A mode as a person writes it: "fromNth", "nth", "list:5,8-20", "every:3", "probability:0.01", "size:64-4096", "budget:10M", "total:64K".
 * Seeds start at 1.
 * @returns The mode, or a sentence that says why it is none.
 */
export function modeOfText(text: string): FaultMode | string {
  const colon = text.indexOf(':');
  const value = text.slice(colon + 1);
  switch (colon < 0 ? text : text.slice(0, colon + 1)) {
    case 'fromNth':
      return { kind: 'fromNth' };
    case 'nth':
      return { kind: 'nth' };
    case 'list:':
      return { kind: 'list', numbers: value };
    case 'size:':
      return { kind: 'size', bytes: value };
    case 'every:':
      if (/^[1-9]\d{0,14}$/u.test(value)) return { kind: 'every', step: Number(value) };
      return 'A step is a whole number from 1 on: every:3.';
    case 'probability:':
      if (/^(?:\d+(?:\.\d*)?|\.\d+)$/u.test(value)) return { kind: 'probability', probability: Number(value), seed: 1 };
      return 'A probability is written like 0.01.';
    case 'budget:':
    case 'total:': {
      const bytes = bytesOf(value);
      if (bytes === undefined) return 'A budget is written like 4096, 64K or 10M.';
      return { kind: text.startsWith('budget') ? 'budget' : 'total', bytes };
    }
    default:
      return 'It is one of fromNth, nth, list:5,8-20, every:K, probability:P, size:FROM-TO, budget:BYTES and total:BYTES.';
  }
}

/** "4096", "64K", "10M", "1G": by 1024. */
function bytesOf(text: string): number | undefined {
  const [, digits, unit = ''] = /^(\d{1,12})([KMG]?)$/u.exec(text) ?? [];
  return digits === undefined ? undefined : Number(digits) * 1024 ** ['', 'K', 'M', 'G'].indexOf(unit);
}
