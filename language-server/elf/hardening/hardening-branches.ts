import type { Hardening, HardeningVerdict } from '../../protocol/elf.ts';
import type { ElfFile } from '../elf-file.ts';
import { machine } from '../names/machines.ts';
import { propertyBits } from '../property-bits.ts';
import { hex } from '../reader/fields.ts';
import { branchProtection } from '../reader/gnu-properties.ts';
import { pointerSigning } from './hardening-code.ts';

type BranchVerdicts = Pick<Hardening, 'ibt' | 'shadowStack' | 'bti' | 'pac'>;

/**
 * What the GNU properties allow the loader to switch on. The linker sets a property only where each object that it took has
 * it, so that its absence is an answer.
 */
export function branchVerdicts(file: ElfFile): BranchVerdicts {
  const { header } = file.image;
  const x86 = header.machine === machine.x86_64 || header.machine === machine.i386;
  const features = propertyBits(file, x86 ? branchProtection.x86Feature1 : branchProtection.aarch64Feature1);
  const bit = (applies: boolean, mask: number, name: string): HardeningVerdict => {
    if (!applies) return { verdict: 'notApplicable', evidence: 'not on this machine' };
    if (features === null) return { verdict: 'no', evidence: `no GNU property that says ${name}` };
    return (features & mask) !== 0
      ? { verdict: 'yes', evidence: `GNU property with ${name}` }
      : {
          verdict: 'no',
          evidence: `GNU property (${hex(features)}) without ${name}: an object that was linked lacks it`,
        };
  };
  const aarch64 = header.machine === machine.aarch64;
  const pac = bit(aarch64, branchProtection.aarch64Pac, 'PAC');
  return {
    ibt: bit(x86, branchProtection.x86Ibt, 'IBT'),
    shadowStack: bit(x86, branchProtection.x86Shstk, 'SHSTK'),
    bti: bit(aarch64, branchProtection.aarch64Bti, 'BTI'),
    pac: pac.verdict === 'no' ? pacByCode(file, pac) : pac,
  };
}

/** Return addresses are signed by the code itself: the property only says that all of it does. */
function pacByCode({ image }: ElfFile, absent: HardeningVerdict): HardeningVerdict {
  const found = pointerSigning(image);
  if (found === null) return absent;
  return { verdict: 'yes', evidence: `${found.text} at file offset ${hex(found.offset)}, not necessarily in all code` };
}
