import { folderOf } from '../../dependencies/loader/link-map.ts';
import { shellCommand, shellWord } from '../../native/shell-quote.ts';
import { displayText } from '../../protocol/display-text.ts';
import type { ByteText } from '../../protocol/elf.ts';
import type { PresentState, Remedy } from '../../protocol/explain.ts';
import { type ErrorKind, type Explained, explained, group, matches } from '../error-kind.ts';
import { libraryPathRemedy, runPathRemedy } from '../file-remedies.ts';
import { copiesOf, type LibraryCopy } from '../library-copies.ts';
import { errorObject, type FoundNeed, fileName, searchedFacts } from '../loading.ts';
import { originOf } from '../origin.ts';
import { packageRemedies } from '../package-remedies.ts';
import type { World } from '../world.ts';

interface WrongClass {
  readonly program: ByteText | null;
  readonly requester: ByteText | null;
  readonly object: ByteText;
  /** Of the file that was found. */
  readonly bits: 32 | 64;
}

/** glibc elf/dl-load.c `open_verify`: "OBJECT: wrong ELF class: ELFCLASS32"; the last word is the same in all languages. */
export const wrongClass: ErrorKind = {
  *recognise(text) {
    for (const match of matches(
      text.text,
      /^(?<before>[^\n]*?)\s?:\s[^:\n(]{2,60}?\s?:\s*ELFCLASS(?<bits>32|64)\b/gmu,
    )) {
      const before = group(match, 'before');
      const origin = originOf(before);
      const told: WrongClass = { ...origin, bits: group(match, 'bits') === '32' ? 32 : 64 };
      yield {
        start: match.index + before.length - origin.length,
        end: match.index + match[0].length,
        key: JSON.stringify(['wrong-class', origin.program, origin.object]),
        explain: world => explainWrongClass(world, told),
      };
    }
  },
};

async function explainWrongClass(world: World, told: WrongClass): Promise<Explained> {
  const { object, bits } = told;
  const wanted = bits === 32 ? 64 : 32;
  const { program, need, requiredBy, ...own } = await errorObject(world, told);
  const wrong = need?.edge.tried.filter(({ outcome }) => outcome.startsWith('wrong ELF class')) ?? [];
  const path = wrong[0]?.path ?? own.path;
  const requester = requiredBy?.path ?? program?.path ?? undefined;
  const target = requester === undefined ? null : world.read(requester);
  const header = target?.kind === 'elf' ? target.header : null;
  const name = object.slice(object.lastIndexOf('/') + 1);
  const copies = header === null || requester === undefined ? [] : await copiesOf(world, name, [requester], header);
  const fit = copies.find(({ problem }) => problem === null);
  const remedies = need?.edge.found ? [] : await remediesOf(world, told, need, fit, program?.path ?? null);
  return explained(
    {
      kind: 'wrong-class',
      title: `${fileName(object)} is for ${bits} bits`,
      summary: `The loader was looking for a ${wanted}-bit ${displayText(object)} and found only one for ${bits} bits, which it passes over; nowhere else was another one.`,
    },
    {
      object: { name: object, path },
      program,
      requiredBy,
      state: stateOf(world, told, path, need?.edge.found?.shownPath ?? null, need !== undefined),
      facts: [
        ...(need === undefined ? [] : searchedFacts(need)),
        ...(fit === undefined ? [] : [`A ${wanted}-bit one is ${displayText(fit.path)}.`]),
      ],
      remedies,
      evidence: [
        {
          rule: 'glibc elf/dl-load.c open_verify',
          ...(path === null ? {} : { command: shellCommand(['readelf', '-hW', path]) }),
        },
      ],
    },
  );
}

async function remediesOf(
  world: World,
  { object, bits }: WrongClass,
  need: FoundNeed | undefined,
  fit: LibraryCopy | undefined,
  program: ByteText | null,
): Promise<readonly Remedy[]> {
  const wanted = bits === 32 ? 64 : 32;
  const name = object.slice(object.lastIndexOf('/') + 1);
  const requester = need?.requester;
  const folder = fit === undefined ? null : folderOf(fit.path);
  return [
    ...(folder === null || requester === undefined
      ? []
      : [runPathRemedy({ path: requester.shownPath, object: requester.object }, folder)]),
    ...(folder === null ? [] : [libraryPathRemedy(folder, program)]),
    ...withArchitecture(await packageRemedies(world, name, wanted), wanted),
    {
      id: 'rebuild-class',
      title: `Or build both for ${wanted} bits`,
      why: 'A process is of one class: 64-bit programs load 64-bit libraries, 32-bit ones 32-bit libraries.',
      command: `cc -m${wanted} …`,
    },
  ];
}

function stateOf(
  world: World,
  { object, bits }: WrongClass,
  path: ByteText | null,
  found: ByteText | null,
  isNeeded: boolean,
): PresentState {
  if (found !== null) return { kind: 'resolved', text: `Now ${displayText(found)} is found, which fits.` };
  if (path === null) return { kind: 'unknown', text: `${displayText(object)} is not on this machine.` };
  const file = world.read(path);
  if (file?.kind === 'elf' && file.header.class === bits) {
    return {
      kind: 'persists',
      text: `${displayText(path)} is still a file for ${bits} bits (${file.header.machineName})${isNeeded ? ', and no other one is found' : ''}.`,
    };
  }
  return { kind: 'resolved', text: `${displayText(path)} is another file now.` };
}

/** Debian's packages for the other class have its architecture behind their names. */
function withArchitecture(remedies: readonly Remedy[], wanted: 32 | 64): readonly Remedy[] {
  return remedies.map(remedy => {
    const { command } = remedy;
    if (command === null || !/^sudo apt-get install(?: --reinstall)? [\w.+-]+(?::\w+)?$/u.test(command)) return remedy;
    const name = command.slice(command.lastIndexOf(' ') + 1).replace(/:\w+$/u, '');
    const architecture = wanted === 64 ? 'amd64' : 'i386';
    return {
      ...remedy,
      title: `Install the package ${name}:${architecture}`,
      command: `sudo dpkg --add-architecture ${architecture} && sudo apt-get update && sudo apt-get install ${shellWord(`${name}:${architecture}`)}`,
    };
  });
}
