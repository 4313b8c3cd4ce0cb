import { shellCommand } from '../../native/shell-quote.ts';
import { displayText } from '../../protocol/display-text.ts';
import type { ByteText } from '../../protocol/elf.ts';
import type { Remedy } from '../../protocol/explain.ts';
import { type ErrorKind, type Explained, explained, group, matches } from '../error-kind.ts';
import { fileName } from '../loading.ts';
import type { World } from '../world.ts';
import { explainMissingLibrary, type MissingLibrary } from './missing-library.ts';

/** musl ldso/dynlink.c `load_deps` and `load_preload`: "Error loading shared library X: ERROR (needed by Y)". */
export const muslMissingLibrary: ErrorKind = {
  *recognise(text, phrases) {
    const pattern =
      /Error loading shared library (?<object>[^\n]+?): (?<error>[A-Z][^\n(]*?)(?: \(needed by (?<by>[^)\n]+)\)|(?=['"]?\s*$))/gmu;
    for (const match of matches(text.text, pattern)) {
      const by = group(match, 'by') || null;
      const told: MissingLibrary = {
        object: group(match, 'object'),
        program: null,
        requester: by,
        error: phrases.systemError(group(match, 'error')),
        loader: 'musl',
        teller: 'loader',
        suspects: () => Promise.resolve([]),
      };
      yield {
        start: match.index,
        end: match.index + match[0].length,
        key: JSON.stringify(['missing-library', told.object, by]),
        explain: world => explainMissingLibrary(world, told),
      };
    }
  },
};

interface Relocation {
  readonly object: ByteText;
  readonly what: string;
  readonly symbol: ByteText | null;
  readonly definition: ByteText | null;
}

/** musl's other relocation errors: the kinds of thread-local variables, of relocations, and memory. */
export const muslRelocation: ErrorKind = {
  *recognise(text) {
    const pattern =
      /Error relocating (?<object>[^\n]+?): (?:(?<symbol>[^\s:]+): )?(?<what>initial-exec TLS resolves to dynamic definition in (?<definition>\S+)|unsupported relocation type (?<type>\d+)|cannot allocate TLSDESC for [^\n]+|RELRO protection failed: [^\n]+)/gu;
    for (const match of matches(text.text, pattern)) {
      const told: Relocation = {
        object: group(match, 'object'),
        symbol: group(match, 'symbol') || null,
        what: group(match, 'what'),
        definition: group(match, 'definition') || null,
      };
      yield {
        start: match.index,
        end: match.index + match[0].length,
        key: JSON.stringify(['musl-relocation', told.object, told.symbol, told.what]),
        explain: world => explainRelocation(world, told),
      };
    }
  },
};

async function explainRelocation(world: World, { object, what, symbol, definition }: Relocation): Promise<Explained> {
  const path = world.locate(object);
  const [demangled = null] = symbol === null ? [] : await world.demangle([symbol]);
  const isTls = what.startsWith('initial-exec');
  return explained(
    {
      kind: 'musl-relocation',
      title: isTls
        ? `${fileName(object)} wants a thread-local variable at a fixed place`
        : `${fileName(object)} cannot be relocated by musl`,
      summary: isTls
        ? `${displayText(symbol ?? 'A variable')} is in ${displayText(definition ?? 'a library')}, which was loaded after the program had started: musl gives such libraries no place in the fixed block, at all.`
        : what.startsWith('unsupported')
          ? `It has relocations that musl does not know (${what}): it was most likely built for another C library, or for another machine.`
          : `${what}.`,
    },
    {
      object: { name: object, path },
      symbol:
        symbol === null ? null : { name: symbol, demangled: demangled === symbol ? null : demangled, version: null },
      provider:
        definition === null ? null : { name: definition, path: world.locate(definition), how: null, offers: [] },
      state:
        path === null
          ? { kind: 'unknown', text: 'The file is not on this machine.' }
          : { kind: 'unknown', text: 'It depends on what is loaded before it.' },
      remedies: isTls
        ? tlsRemedies(definition ?? object)
        : [
            {
              id: 'rebuild-musl',
              title: 'Build it for musl',
              why: 'What is built for glibc does not run on musl, except for small programs.',
              command: 'musl-gcc …',
            },
          ],
      evidence: [
        {
          rule: 'musl ldso/dynlink.c do_relocs',
          ...(path === null ? {} : { command: shellCommand(['readelf', '-rW', path]) }),
        },
      ],
    },
  );
}

function tlsRemedies(library: ByteText): readonly Remedy[] {
  return [
    {
      id: 'preload',
      title: 'Load it when the program starts',
      why: 'What is loaded at the start has a place in the fixed block.',
      command: `LD_PRELOAD=${shellCommand([library])} COMMAND`,
    },
    {
      id: 'tls-model',
      title: 'Compile who uses the variable for any place',
      why: 'Libraries that are loaded later must not use the initial-exec model with musl.',
      command: '-fPIC -ftls-model=global-dynamic',
    },
  ];
}
