import type { Severity } from './finding.ts';

/** What a person has set, by code; `off`: not told at all. */
export type SeverityByCode = ReadonlyMap<string, Severity | 'off'>;

const severities: readonly string[] = ['error', 'warning', 'information', 'hint', 'off'] satisfies (Severity | 'off')[];

/**
 * Reads an object of codes and severities, from anything at all: what does not fit is left out.
 * @param place Where the value stands, as a sentence begins: `The setting binaryDetective.elf.severity`.
 * @param problems One sentence more for each value that was not taken.
 */
export function parseSeverities(value: unknown, place: string, problems: string[]): SeverityByCode {
  if (value === undefined || value === null) return new Map();
  if (typeof value !== 'object' || Array.isArray(value)) {
    problems.push(`${place} is not an object of codes and severities; none is changed.`);
    return new Map();
  }
  const parsed = new Map<string, Severity | 'off'>();
  for (const [code, given] of Object.entries(value)) {
    if (isSeverity(given)) parsed.set(code, given);
    else {
      problems.push(
        `${place} has ${JSON.stringify(given)} for "${code}", which is none of ${severities.join(', ')}; the severity is not changed.`,
      );
    }
  }
  return parsed;
}

function isSeverity(value: unknown): value is Severity | 'off' {
  return typeof value === 'string' && severities.includes(value);
}
