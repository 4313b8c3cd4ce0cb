import type { Finding } from '../../protocol/finding.ts';

/** Collects what a reader finds, in its order, and not without end: a hostile file can break each of a million entries. */
export interface FindingList {
  add(finding: Finding): void;
  /** One of several of a kind: after a few, the rest is only counted. */
  list(): readonly Finding[];
}

const maximumOfOneCode = 8;

export function createFindingList(): FindingList {
  const findings = new Map<string, Finding[]>();
  const seen = new Set<string>();
  const counts = new Map<string, number>();
  return {
    add(finding) {
      const count = counts.get(finding.code) ?? 0;
      if (count < maximumOfOneCode) {
        const identity = `${finding.code} ${finding.offset ?? ''} ${finding.message}`;
        if (seen.has(identity)) return;
        seen.add(identity);
        findings.set(finding.code, [...(findings.get(finding.code) ?? []), finding]);
      }
      counts.set(finding.code, count + 1);
    },
    list() {
      return [...findings].flatMap(([code, some]) => {
        const more = (counts.get(code) ?? 0) - some.length;
        const last = some.at(-1);
        if (more <= 0 || last === undefined) return some;
        return [...some, { code, severity: last.severity, message: `The same is so in ${more} more places.` }];
      });
    },
  };
}
