import type { HardeningChange } from '../../protocol/compare.ts';
import type { Hardening, HardeningVerdict } from '../../protocol/elf.ts';
import { verdictStrength } from '../hardening/verdict-strength.ts';

/** Protections whose verdict is not the same; sanitizers are none. */
export function hardeningChanges(before: Hardening, after: Hardening): readonly HardeningChange[] {
  const protections = Object.keys(after) as readonly (keyof Hardening)[];
  return protections.flatMap(protection => {
    const [old, young] = [before[protection], after[protection]];
    if (old.verdict === young.verdict) return [];
    const change = protection === 'sanitizers' ? 'changed' : direction(old.verdict, young.verdict);
    return [{ protection, before: plain(old), after: plain(young), change }];
  });
}

function direction(before: HardeningVerdict['verdict'], after: HardeningVerdict['verdict']): HardeningChange['change'] {
  const [old, young] = [verdictStrength(before), verdictStrength(after)];
  if (old === undefined || young === undefined) return 'changed';
  return young < old ? 'lost' : 'gained';
}

function plain({ verdict, evidence }: HardeningVerdict): HardeningVerdict {
  return { verdict, evidence };
}
