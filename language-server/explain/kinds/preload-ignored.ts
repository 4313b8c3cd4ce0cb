import { readLoaderFile } from '../../dependencies/objects/read-loader-file.ts';
import { verifyCandidate } from '../../dependencies/objects/verify-candidate.ts';
import { mountOf, readMounts } from '../../native/mounts.ts';
import { shellCommand } from '../../native/shell-quote.ts';
import { displayText } from '../../protocol/display-text.ts';
import type { ByteText } from '../../protocol/elf.ts';
import type { PresentState, Remedy } from '../../protocol/explain.ts';
import { type ErrorKind, type Explained, explained, group, matches } from '../error-kind.ts';
import { copiesOf } from '../library-copies.ts';
import { fileName } from '../loading.ts';
import { thisMachine } from '../symbol-search.ts';
import type { World } from '../world.ts';

/** glibc elf/rtld.c `do_preload`: "ERROR: ld.so: object 'X' from SOURCE cannot be preloaded (REASON): ignored." */
export const preloadIgnored: ErrorKind = {
  *recognise(text) {
    const pattern =
      /ERROR:\s+ld\.so:\s+object\s+'(?<object>[^'\n]*)'\s+(?:from\s+(?<source>\S+)\s+cannot\s+be\s+preloaded|cannot\s+be\s+loaded\s+as\s+audit\s+interface)(?:\s*\((?<why>[^)\n]*)\)|:\s*(?<audit>[^\n;]*))?[:;]\s+ignored\.?/gu;
    for (const match of matches(text.text, pattern)) {
      const [object, source] = [group(match, 'object'), group(match, 'source') || 'LD_AUDIT'];
      const why = group(match, 'why') || group(match, 'audit');
      yield {
        start: match.index,
        end: match.index + match[0].length,
        key: JSON.stringify(['preload-ignored', object, source]),
        explain: world => explainPreload(world, object, source, why),
      };
    }
  },
};

async function explainPreload(world: World, object: ByteText, source: string, why: string): Promise<Explained> {
  const path = object.includes('/') ? world.locate(object) : null;
  const name = object.slice(object.lastIndexOf('/') + 1);
  const copies = await copiesOf(world, name, path === null ? [] : [path], thisMachine);
  const fit = copies.find(copy => copy.problem === null && copy.path !== path);
  const isFile = source.startsWith('/');
  const set = isFile ? `the file ${source}` : source;
  return explained(
    {
      kind: 'preload-ignored',
      title: `${fileName(object) || object} is not preloaded`,
      summary: `${set} names ${displayText(object)}, to be loaded before all else, and the loader cannot load it (${why || 'it is not found'}). It says so and goes on without: the program runs, and what the library was for does not happen.${/\.so\b/u.test(object) ? '' : ' The loader takes blanks and colons in the variable as separators.'}`,
    },
    {
      object: { name: object, path },
      state: stateOf(world, object, path),
      facts: copies
        .slice(0, 3)
        .map(
          copy =>
            `There is ${displayText(copy.path)}${copy.problem === null ? '' : `, which does not fit: ${copy.problem}`}.`,
        ),
      remedies: remediesOf(source, isFile, fit?.path ?? null, /ELFCLASS/u.test(why)),
      evidence: [
        { rule: 'glibc elf/rtld.c do_preload', command: isFile ? shellCommand(['cat', source]) : `printenv ${source}` },
      ],
    },
  );
}

function stateOf(world: World, object: ByteText, path: ByteText | null): PresentState {
  if (!object.includes('/'))
    return {
      kind: 'unknown',
      text: 'A name without a slash is looked for as any library is, for each program that is started.',
    };
  if (path === null) return { kind: 'persists', text: `There is still no file ${displayText(object)}.` };
  const verdict = verifyCandidate(path, world.files, readLoaderFile, thisMachine);
  const mount = mountOf(world.files.real(path) ?? path, readMounts());
  if (mount?.isNoexec === true)
    return {
      kind: 'persists',
      text: `${displayText(path)} is on a file system that is mounted noexec (${displayText(mount.folder)}): it may not be mapped as code.`,
    };
  return verdict.kind === 'taken'
    ? { kind: 'resolved', text: `${displayText(path)} is there and can be loaded by 64-bit programs of this machine.` }
    : { kind: 'persists', text: `${displayText(path)}: ${displayText(verdict.outcome)}.` };
}

function remediesOf(source: string, isFile: boolean, fit: ByteText | null, isOtherClass: boolean): readonly Remedy[] {
  const right: readonly Remedy[] =
    fit === null || isFile
      ? []
      : [
          {
            id: 'preload-path',
            title: `Name the file that is there`,
            why: `${displayText(fit)} can be loaded.`,
            command: `export ${source}=${shellCommand([fit])}`,
          },
        ];
  const unset: Remedy = isFile
    ? {
        id: 'edit-preload-file',
        title: `Take the line out of ${source}`,
        why: 'It holds for every program of this machine.',
        command: `sudoedit ${source}`,
      }
    : {
        id: 'unset-preload',
        title: `Or take it out of the environment`,
        why: 'Where the library is no longer wanted. What sets it is most often a shell profile, a wrapper script or the image of a container.',
        command: `unset ${source}`,
      };
  const both: readonly Remedy[] = isOtherClass
    ? [
        {
          id: 'preload-lib-token',
          title: 'For programs of both classes: let the loader choose the folder',
          why: '$LIB is lib or lib64, or the folder of the machine on Debian, by the program that is started. 32-bit programs print this error where only the 64-bit library is named; it is harmless then.',
          command: `export LD_PRELOAD='/usr/$LIB/LIBRARY.so'`,
        },
      ]
    : [];
  return [...right, ...both, unset];
}
