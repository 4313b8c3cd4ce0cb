import type { Hardening, HardeningVerdict } from '../../protocol/elf.ts';
import { verdictStrength } from '../hardening/verdict-strength.ts';

/** What there is to lose. Sanitizers are no protection: a build for testing has them, one for shipping does not. */
export type Protection = Exclude<keyof Hardening, 'sanitizers'>;

/** The verdicts of one build, by protection. Texts, since they may have been remembered by an older version of ours. */
export type Verdicts = Readonly<Record<string, string>>;

export interface LostProtection {
  readonly protection: Protection;
  readonly before: string;
  readonly after: HardeningVerdict;
}

export const protectionNames: Readonly<Record<Protection, string>> = {
  relro: 'RELRO',
  bindNow: 'Binding of all functions at start (BIND_NOW)',
  canary: 'The stack protector (canary)',
  nx: 'A stack that is not executable (NX)',
  pie: 'Position independence (PIE)',
  fortify: 'Checked calls (_FORTIFY_SOURCE)',
  ibt: 'Indirect branch tracking (CET IBT)',
  shadowStack: 'The shadow stack (CET SHSTK)',
  bti: 'Branch target identification (BTI)',
  pac: 'Pointer authentication (PAC)',
  safeRunPath: 'A safe RPATH or RUNPATH',
  readOnlyCode: 'Code that is never written to (no text relocations)',
  writeXorExecute: 'The separation of writable and executable memory',
  stackClash: 'Stack clash protection',
  cfi: 'Control flow integrity (CFI)',
};

const protections = Object.keys(protectionNames) as readonly Protection[];

/** The protections that are weaker than they were. */
export function lostProtections(before: Verdicts, after: Hardening): readonly LostProtection[] {
  return protections.flatMap(protection => {
    const was = Object.hasOwn(before, protection) ? before[protection] : undefined;
    const is = after[protection];
    if (was === undefined) return [];
    const [strengthBefore, strengthAfter] = [verdictStrength(was), verdictStrength(is.verdict)];
    if (strengthBefore === undefined || strengthAfter === undefined || strengthAfter >= strengthBefore) return [];
    return [{ protection, before: was, after: is }];
  });
}

export function verdictsOf(hardening: Hardening): Verdicts {
  return Object.fromEntries(protections.map(protection => [protection, hardening[protection].verdict]));
}
