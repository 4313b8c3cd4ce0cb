import { shellCommand } from '../../native/shell-quote.ts';
import { displayText } from '../../protocol/display-text.ts';
import type { ByteText } from '../../protocol/elf.ts';
import { type ErrorKind, type Explained, explained, group, matches } from '../error-kind.ts';
import { fileName } from '../loading.ts';
import { originOf } from '../origin.ts';
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
        explain: world => Promise.resolve(explainProcessor(world, object)),
      };
    }
  },
};

function explainProcessor(world: World, object: ByteText): Explained {
  const path = world.locate(object);
  return explained(
    {
      kind: 'newer-processor',
      title: `${fileName(object)} is for a newer processor`,
      summary: `${displayText(object)} is marked with a level of x86-64 (v2, v3, v4) that this processor, or the virtual machine, does not have. The loader refuses it instead of letting it die of SIGILL.`,
    },
    {
      object: { name: object, path },
      state: { kind: 'unknown', text: 'It depends on the processor that it is run on.' },
      remedies: [
        {
          id: 'baseline',
          title: 'Build it for every x86-64',
          why: 'The mark comes from -march=x86-64-v3 (or native) with -Wl,-z,x86-64-v3, or is the default of a distribution.',
          command: '-march=x86-64 -Wl,-z,x86-64-baseline',
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
