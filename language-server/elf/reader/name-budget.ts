import type { ByteText } from '../../protocol/elf.ts';
import type { FindingList } from './finding-list.ts';
import type { StringTable } from './string-table.ts';

/** Takes names until they are longer together than any linker makes them. */
export interface NameBudget {
  /** Whether the name may be kept; false from the first one on that is too much, which becomes a finding. */
  take(name: ByteText): boolean;
}

/** Names share their ends, and functions with several versions their whole name; more than that is made to fill memory. */
const maximumShare = 4;
const leastCharacters = 1 << 16;

export function createNameBudget({ sizeBytes, offset }: StringTable, findings: FindingList): NameBudget {
  let left = maximumShare * sizeBytes + leastCharacters;
  return {
    take(name) {
      if (left < 0) return false;
      left -= name.length;
      if (left >= 0) return true;
      findings.add({
        code: 'elf/overlapping-names',
        severity: 'warning',
        message: `The names of the symbols overlap: together they are more than ${maximumShare} times as long as the table that they are in, which no linker makes. The rest of them is not looked at.`,
        offset,
        evidence: { rule: 'gABI: String Table' },
      });
      return false;
    },
  };
}
