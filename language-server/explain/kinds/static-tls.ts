import { dynamicTag } from '../../elf/reader/dynamic-section.ts';
import { segmentType } from '../../elf/reader/program-headers.ts';
import { shellCommand } from '../../native/shell-quote.ts';
import { displayText } from '../../protocol/display-text.ts';
import type { ByteText } from '../../protocol/elf.ts';
import type { PresentState, Remedy } from '../../protocol/explain.ts';
import { type ErrorKind, type Explained, explained, group, matches } from '../error-kind.ts';
import { ofElfFile } from '../file-facts.ts';
import { errorObject, fileName } from '../loading.ts';
import { type Origin, originOf } from '../origin.ts';
import type { World } from '../world.ts';

/** glibc elf/dl-reloc.c `_dl_allocate_static_tls`: "OBJECT: cannot allocate memory in static TLS block". */
export const staticTls: ErrorKind = {
  *recognise(text, phrases) {
    const pattern = new RegExp(
      `^(?<before>[^\\n]*?)\\s?:\\s+${phrases.pattern('cannot allocate memory in static TLS block')}`,
      'gmu',
    );
    for (const match of matches(text.text, pattern)) {
      const before = group(match, 'before');
      const origin = originOf(before);
      yield {
        start: match.index + before.length - origin.length,
        end: match.index + match[0].length,
        key: JSON.stringify(['static-tls', origin.program, origin.object]),
        explain: world => explainStaticTls(world, origin),
      };
    }
  },
};

/** DF_STATIC_TLS of DT_FLAGS: the object uses the initial-exec model. */
const staticTlsFlag = 0x10n;

interface ThreadLocals {
  readonly bytes: number;
  readonly alignment: number;
  readonly isStatic: boolean;
}

async function threadLocalsOf(path: ByteText): Promise<ThreadLocals | string> {
  return await ofElfFile(path, file => {
    const segment = [...file.image.segments].find(({ type }) => type === segmentType.tls);
    return {
      bytes: Number(segment?.memoryBytes ?? 0n),
      alignment: Number(segment?.alignment ?? 1n),
      isStatic: ((file.dynamic()?.value(dynamicTag.flags) ?? 0n) & staticTlsFlag) !== 0n,
    };
  });
}

async function explainStaticTls(world: World, origin: Origin): Promise<Explained> {
  const { object } = origin;
  const { path, program } = await errorObject(world, origin);
  const own = path === null ? null : await threadLocalsOf(path);
  const facts: string[] = [];
  if (path !== null && own !== null && typeof own !== 'string') {
    facts.push(
      `${displayText(path)} has ${own.bytes} bytes of thread-local variables${own.isStatic ? ' and the flag STATIC_TLS: it was compiled for a fixed place (-ftls-model=initial-exec, or -fPIE code)' : ''}.`,
    );
    facts.push(...(await otherFacts(world, path)));
  }
  return explained(
    {
      kind: 'static-tls',
      title: `No room is left for the thread-local variables of ${fileName(object)}`,
      summary: `${fileName(object)} wants its thread-local variables at a fixed place in each thread. That block is made when the program starts, with a little to spare (1,664 bytes at most for all that is loaded later), and what was loaded before has used it up.`,
    },
    {
      object: { name: object, path },
      program,
      facts,
      state: stateOf(path, own),
      remedies: remediesOf(path ?? object, typeof own === 'object' ? own : null),
      evidence: [
        {
          rule: 'glibc elf/dl-reloc.c _dl_try_allocate_static_tls',
          ...(path === null ? {} : { command: `${shellCommand(['readelf', '-ldW', path])} | grep -E 'TLS|FLAGS'` }),
        },
      ],
    },
  );
}

/** Libraries that it brings along and that take of the same block. */
async function otherFacts(world: World, path: ByteText): Promise<readonly string[]> {
  const facts: string[] = [];
  for (const map of (await world.resolve(path))?.loadOrder ?? []) {
    if (map.shownPath === path || map.kind === 'interpreter') continue;
    await world.pause();
    const locals = await threadLocalsOf(map.shownPath);
    if (typeof locals === 'object' && locals.isStatic && locals.bytes > 0)
      facts.push(`${displayText(map.shownPath)}, which it loads, takes ${locals.bytes} bytes of the same block.`);
  }
  return facts.slice(0, 6);
}

function stateOf(path: ByteText | null, own: ThreadLocals | string | null): PresentState {
  if (path === null || own === null || typeof own === 'string')
    return { kind: 'unknown', text: 'The file is not here, or cannot be read.' };
  if (!own.isStatic)
    return { kind: 'resolved', text: `${displayText(path)} as it is now does not ask for a fixed place.` };
  return {
    kind: 'persists',
    text: `${displayText(path)} still asks for a fixed place; whether there is room depends on what is loaded before it.`,
  };
}

function remediesOf(path: ByteText, own: ThreadLocals | null): readonly Remedy[] {
  const bytes = Math.max(2048, 2 ** Math.ceil(Math.log2((own?.bytes ?? 0) * 2 + 512)));
  return [
    {
      id: 'static-tls-tunable',
      title: 'Let the C library keep more room',
      why: 'Since glibc 2.33 the size of what is kept to spare can be set, in bytes. It holds for the process that it is set for, and changes no file.',
      command: `GLIBC_TUNABLES=glibc.rtld.optional_static_tls=${bytes} COMMAND`,
    },
    {
      id: 'preload',
      title: 'Load it before all else',
      why: 'What is loaded at the start has its place in the block from the beginning. For glibc before 2.33 this is the only way without a new build.',
      command: `LD_PRELOAD=${shellCommand([path])} COMMAND`,
    },
    {
      id: 'import-first',
      title: 'Import it before the others',
      why: 'The room is given in the order in which libraries ask. Where another library (an OpenMP runtime, a memory allocator) takes it first, the order of the imports decides.',
      command: null,
    },
    {
      id: 'tls-model',
      title: 'Compile the library for any place',
      why: 'Libraries that are loaded later should not use the initial-exec model.',
      command: '-fPIC -ftls-model=global-dynamic',
    },
  ];
}
