import { hwcapsOfCpu, thisCpu } from '../../dependencies/glibc/cpu.ts';
import { machineFacts } from '../../dependencies/objects/machines.ts';
import { propertyBits } from '../../elf/property-bits.ts';
import { x86IsaNeeded } from '../../elf/reader/gnu-properties.ts';
import { shellCommand } from '../../native/shell-quote.ts';
import { displayText } from '../../protocol/display-text.ts';
import type { ByteText } from '../../protocol/elf.ts';
import type { PresentState } from '../../protocol/explain.ts';
import { type ErrorKind, type Explained, explained, group, matches } from '../error-kind.ts';
import { ofElfFile } from '../file-facts.ts';
import { fileName } from '../loading.ts';
import { originOf } from '../origin.ts';
import { thisMachine } from '../symbol-search.ts';
import type { World } from '../world.ts';

/** glibc sysdeps/x86/dl-prop.h `dl_isa_level_check`: "OBJECT: CPU ISA level is lower than required". */
export const newerProcessor: ErrorKind = {
  *recognise(text) {
    for (const match of matches(
      text.text,
      /^(?<before>[^\n]*?):\s+CPU\s+ISA\s+level\s+is\s+lower\s+than\s+required/gmu,
    )) {
      const before = group(match, 'before');
      const { object, length } = originOf(before);
      yield {
        start: match.index + before.length - length,
        end: match.index + match[0].length,
        key: JSON.stringify(['newer-processor', object]),
        explain: world => explainProcessor(world, object),
      };
    }
  },
};

async function explainProcessor(world: World, object: ByteText): Promise<Explained> {
  const path = world.locate(object);
  const needed = path === null ? null : await neededLevel(path);
  const state = stateOf(world, path, needed);
  return explained(
    {
      kind: 'newer-processor',
      title: `${fileName(object)} is for a newer processor`,
      summary: `${displayText(object)} is marked with a level of x86-64 (v2, v3, v4) that this processor, or the virtual machine, does not have. The loader refuses it instead of letting it die of SIGILL.`,
    },
    {
      object: { name: object, path },
      facts: [
        ...(path === null || needed === null ? [] : [`${displayText(path)} needs ${levelName(needed)}.`]),
        ...(world.environment.sysroot === undefined ? [`This processor has ${levelName(levelHere())}.`] : []),
      ],
      state,
      remedies:
        state.kind === 'resolved'
          ? []
          : [
              {
                id: 'baseline',
                title: 'Build it for every x86-64',
                why: 'The mark comes from -march=x86-64-v3 (or native) with -Wl,-z,x86-64-v3, or is the default of a distribution: leave that option out too.',
                command: '-march=x86-64',
              },
              {
                id: 'virtual-processor',
                title: 'Or give the virtual machine the processor of its host',
                why: 'QEMU’s usual processor is an old one.',
                command: 'qemu-system-x86_64 -cpu host …',
              },
              {
                id: 'what-is-supported',
                title: 'See what this processor has',
                why: 'The loader itself says it.',
                command: '/lib64/ld-linux-x86-64.so.2 --help | grep supported',
              },
            ],
      evidence: [
        {
          rule: 'x86-64 psABI, GNU_PROPERTY_X86_ISA_1_NEEDED',
          ...(path === null ? {} : { command: shellCommand(['readelf', '-nW', path]) }),
        },
      ],
    },
  );
}

/** 1 is the baseline, which every x86-64 has; higher than 4: a level that is not known here. Null: the file does not say. */
async function neededLevel(path: ByteText): Promise<number | null> {
  const bits = await ofElfFile(path, file => propertyBits(file, x86IsaNeeded));
  return typeof bits === 'number' && bits !== 0 ? 32 - Math.clz32(bits) : null;
}

function levelHere(): number {
  const facts = machineFacts(thisMachine);
  return facts === null ? 1 : 1 + hwcapsOfCpu(facts, thisMachine, thisCpu()).length;
}

function levelName(level: number): string {
  if (level > 4) return 'a level of x86-64 that came after v4';
  return level === 1 ? 'the baseline of x86-64' : `x86-64-v${level}`;
}

function stateOf(world: World, path: ByteText | null, needed: number | null): PresentState {
  if (path === null) return { kind: 'unknown', text: 'The file is not on this machine.' };
  if (world.environment.sysroot !== undefined)
    return { kind: 'unknown', text: 'It depends on the processor that it is run on.' };
  if (needed !== null && needed > levelHere())
    return { kind: 'persists', text: `${displayText(path)} still needs more than this processor has.` };
  return {
    kind: 'resolved',
    text:
      needed === null
        ? `${displayText(path)} as it is now asks for no level.`
        : `This processor has what ${displayText(path)} asks for now.`,
  };
}
