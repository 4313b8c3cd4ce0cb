import type { HardeningVerdict } from '../../protocol/elf.ts';
import type { ElfFile } from '../elf-file.ts';
import { machine } from '../names/machines.ts';
import { type ElfImage, sectionRange } from '../reader/elf-image.ts';
import { hex } from '../reader/fields.ts';
import { segmentFlag } from '../reader/program-headers.ts';
import { sectionFlag, sectionType } from '../reader/section-headers.ts';

/** A sequence of instructions, and what it shows. */
interface CodePattern {
  readonly bytes: Buffer;
  readonly text: string;
}

/** How compilers touch each page of a large stack frame as they take it. */
const stackProbes: ReadonlyMap<number, readonly CodePattern[]> = new Map([
  [
    machine.x86_64,
    [
      pattern('4881ec0010000048830c2400', 'sub $0x1000,%rsp; orq $0,(%rsp)'),
      pattern('4881ec0010000048c7042400000000', 'sub $0x1000,%rsp; movq $0,(%rsp)'),
    ],
  ],
  [
    machine.i386,
    [
      pattern('81ec00100000830c2400', 'sub $0x1000,%esp; orl $0,(%esp)'),
      pattern('81ec00100000c7042400000000', 'sub $0x1000,%esp; movl $0,(%esp)'),
    ],
  ],
  [
    machine.aarch64,
    [
      pattern('ff4340d1ff0302f9', 'sub sp, sp, #0x10, lsl #12; str xzr, [sp, #1024]'),
      pattern('ff4340d1ff0300f9', 'sub sp, sp, #0x10, lsl #12; str xzr, [sp]'),
      pattern('ff0740d1ff0300f9', 'sub sp, sp, #0x1, lsl #12; str xzr, [sp]'),
    ],
  ],
]);

const pointerSignings = [pattern('3f2303d5', 'paciasp'), pattern('7f2303d5', 'pacibsp')];

function pattern(bytes: string, text: string): CodePattern {
  return { bytes: Buffer.from(bytes, 'hex'), text };
}

const maximumCodeBytes = 64 << 20;
const chunkBytes = 1 << 20;

/** `-fstack-clash-protection` leaves a trace only in functions whose frame is larger than a page. */
export function stackClash(file: ElfFile): HardeningVerdict {
  const { image } = file;
  const noted = stackClashNotes(file);
  if (noted !== null) return noted;
  const patterns = stackProbes.get(image.header.machine);
  if (patterns === undefined) return { verdict: 'unknown', evidence: 'not known how it looks on this machine' };
  const found = findCode(image, patterns, 1);
  if (found !== null) return { verdict: 'yes', evidence: `${found.text} at file offset ${hex(found.offset)}` };
  const evidence = 'no function touches its stack page by page: compiled without, or no frame is larger than a page';
  return { verdict: 'unknown', evidence };
}

/** What GCC's plugin annobin wrote down for each region of code; null: nothing. */
function stackClashNotes(file: ElfFile): HardeningVerdict | null {
  const on = file.notes().find(({ owner }) => owner === 'GA+stack_clash:true');
  const off = file.notes().find(({ owner }) => owner === 'GA!stack_clash:false');
  const noted = on ?? off;
  if (noted === undefined) return null;
  const evidence = `the compiler's note ${noted.owner} in ${noted.place}`;
  if (on !== undefined && off !== undefined) return { verdict: 'unknown', evidence: `${evidence}, and ${off.owner}` };
  return { verdict: on === undefined ? 'no' : 'yes', evidence: `${evidence}, for the code that it speaks of` };
}

/** The first instruction that signs a return address; null: none, or the machine has none. */
export function pointerSigning(image: ElfImage): { readonly text: string; readonly offset: number } | null {
  return image.header.machine === machine.aarch64 ? findCode(image, pointerSignings, 4) : null;
}

function findCode(
  { source, ...image }: ElfImage,
  patterns: readonly CodePattern[],
  alignment: number,
): { readonly text: string; readonly offset: number } | null {
  const longest = Math.max(...patterns.map(({ bytes }) => bytes.length));
  let budget = maximumCodeBytes;
  for (const { offset, sizeBytes } of codeRanges({ source, ...image })) {
    const end = offset + Math.min(sizeBytes, budget);
    budget -= end - offset;
    for (let at = offset; at < end; at += chunkBytes) {
      const bytes = source.read(at, Math.min(chunkBytes + longest, end - at));
      for (const { bytes: wanted, text } of patterns) {
        const found = indexOfAligned(bytes, wanted, alignment);
        if (found >= 0) return { text, offset: at + found };
      }
    }
  }
  return null;
}

function indexOfAligned(bytes: Buffer, wanted: Buffer, alignment: number): number {
  let found = bytes.indexOf(wanted);
  while (found >= 0 && found % alignment !== 0) found = bytes.indexOf(wanted, found + 1);
  return found;
}

/** The executable sections; without sections, the executable segments. */
function codeRanges(image: ElfImage): readonly { readonly offset: number; readonly sizeBytes: number }[] {
  const sections = image
    .firstSections()
    .filter(({ type, flags }) => type === sectionType.progbits && (flags & sectionFlag.execute) !== 0n);
  if (sections.length > 0) return sections.map(section => sectionRange(image, section));
  return image.loads
    .filter(({ flags }) => (flags & segmentFlag.execute) !== 0)
    .map(({ offset, fileBytes }) => ({ offset: Number(offset), sizeBytes: Number(fileBytes) }))
    .map(({ offset, sizeBytes }) => ({
      offset,
      sizeBytes: Math.max(0, Math.min(sizeBytes, image.source.sizeBytes - offset)),
    }));
}
