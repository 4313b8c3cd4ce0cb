import { shellCommand } from '../../native/shell-quote.ts';
import { displayText } from '../../protocol/display-text.ts';
import { type ErrorKind, type Explained, explained, group, matches } from '../error-kind.ts';
import { errorObject, fileName } from '../loading.ts';
import { type Origin, originOf } from '../origin.ts';
import type { World } from '../world.ts';

/** glibc elf/dl-load.c `_dl_map_object_from_fd`: programs, and libraries that say so (DF_1_NOOPEN), are not for dlopen. */
export const programAsLibrary: ErrorKind = {
  *recognise(text, phrases) {
    const phrase = phrases.pattern(
      'cannot dynamically load executable',
      'cannot dynamically load position-independent executable',
      'shared object cannot be dlopen()ed',
    );
    for (const match of matches(text.text, new RegExp(`^(?<before>[^\\n]*?)\\s?:\\s+${phrase}`, 'gmu'))) {
      const before = group(match, 'before');
      const origin = originOf(before);
      yield {
        start: match.index + before.length - origin.length,
        end: match.index + match[0].length,
        key: JSON.stringify(['program-as-library', origin.program, origin.object]),
        explain: world => explainProgram(world, origin),
      };
    }
  },
};

async function explainProgram(world: World, origin: Origin): Promise<Explained> {
  const { object } = origin;
  const { path, program, requiredBy } = await errorObject(world, origin);
  const file = path === null ? null : world.read(path);
  const error = file?.kind === 'elf' ? (file.object?.mappingError ?? null) : undefined;
  return explained(
    {
      kind: 'program-as-library',
      title: `${fileName(object)} is a program, not a library`,
      summary: `Something asked the loader for ${displayText(object)} as for a library (dlopen, or as a needed one). Programs are not made for that: their symbols and thread-local variables are at fixed places.`,
    },
    {
      object: { name: object, path },
      program,
      requiredBy,
      state:
        path === null || error === undefined
          ? { kind: 'unknown', text: 'The file is not on this machine.' }
          : error === null
            ? { kind: 'resolved', text: `${displayText(path)} as it is now is a library.` }
            : { kind: 'persists', text: `${displayText(path)}: ${error}.` },
      remedies:
        error === null
          ? []
          : [
              {
                id: 'build-shared',
                title: 'Build it as a library',
                why: 'The code that others load belongs into a library; the program can be linked with that.',
                command: 'cc -shared -fPIC -o libNAME.so …',
              },
            ],
      evidence: [
        {
          rule: 'glibc elf/dl-load.c _dl_map_object_from_fd',
          ...(path === null ? {} : { command: shellCommand(['readelf', '-hdW', path]) }),
        },
      ],
    },
  );
}
