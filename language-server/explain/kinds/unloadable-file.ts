import { folderOf } from '../../dependencies/loader/link-map.ts';
import { readLoaderFile } from '../../dependencies/objects/read-loader-file.ts';
import { verifyCandidate } from '../../dependencies/objects/verify-candidate.ts';
import { shellCommand, shellWord } from '../../native/shell-quote.ts';
import { displayText } from '../../protocol/display-text.ts';
import type { ByteText } from '../../protocol/elf.ts';
import type { PresentState, Remedy } from '../../protocol/explain.ts';
import { type ErrorKind, type Explained, explained, group, matches } from '../error-kind.ts';
import { ofElfFile } from '../file-facts.ts';
import { baseName, libraryPathRemedy } from '../file-remedies.ts';
import { copiesOf } from '../library-copies.ts';
import { errorObject, fileName } from '../loading.ts';
import { originOf } from '../origin.ts';
import { packageAgain } from '../package-remedies.ts';
import { fileContentMessages } from '../phrases.ts';
import type { World } from '../world.ts';

export interface UnloadableFile {
  readonly program: ByteText | null;
  readonly requester: ByteText | null;
  readonly object: ByteText;
  readonly message: string;
}

export const unloadableFile: ErrorKind = {
  *recognise(text, phrases) {
    const known = phrases.pattern(...fileContentMessages);
    const pattern = new RegExp(
      `^(?<before>[^\\n]*?)\\s?:\\s+(?<message>${known}|Not a valid dynamic program|ELF load command [^\\n]*)`,
      'gmu',
    );
    for (const match of matches(text.text, pattern)) {
      const before = group(match, 'before');
      const origin = originOf(before);
      const said = group(match, 'message');
      const told: UnloadableFile = { ...origin, message: phrases.message(said) ?? said };
      if (origin.object === '') continue;
      yield {
        start: match.index + before.length - origin.length,
        end: match.index + match[0].length,
        key: JSON.stringify(['unloadable-file', origin.program, origin.object]),
        explain: world => explainUnloadable(world, told),
      };
    }
  },
};

export async function explainUnloadable(world: World, told: UnloadableFile): Promise<Explained> {
  const { object, message } = told;
  const { program, need, path, requiredBy } = await errorObject(world, told);
  const requester = requiredBy?.path ?? program?.path ?? null;
  const what = path === null ? null : await ofElfFile(path, () => null);
  const state = stateOf(world, told, path, requester);
  const name = object.slice(object.lastIndexOf('/') + 1);
  return explained(
    {
      kind: 'unloadable-file',
      title: `${fileName(object)} cannot be loaded: ${message}`,
      summary: `The loader found a file ${displayText(object)} and refuses it: ${meaningOf(message)} It looks nowhere else then.`,
    },
    {
      object: { name: object, path },
      program,
      requiredBy,
      state,
      facts: [
        ...(path !== null && typeof what === 'string' ? [what] : []),
        ...(path === null ? [] : contentFacts(world, path)),
        ...(need === undefined || !need.edge.refused
          ? []
          : [
              `It is what the search for ${displayText(need.edge.name)} of ${displayText(need.requester.shownPath)} comes upon first.`,
            ]),
      ],
      remedies:
        state.kind === 'resolved' ? [] : await remediesOf(world, told, path, name, requester, program?.path ?? null),
      evidence: [
        {
          rule: 'glibc elf/dl-load.c open_verify, _dl_map_object_from_fd',
          ...(path === null ? {} : { command: shellCommand(['file', path]) }),
        },
      ],
    },
  );
}

function meaningOf(message: string): string {
  if (message === 'invalid ELF header') return 'it does not begin as an ELF file does.';
  if (message === 'file too short') return 'it ends before its header does: it is empty, or was cut off.';
  if (message === 'cannot read file data')
    return 'it cannot be read as a file, as a folder cannot, or the disk reports an error.';
  if (message.startsWith('ELF file data encoding')) return 'it is for machines of the other byte order.';
  if (message.includes('ABI')) return 'it asks for a system, or for a glibc, that this one is not.';
  if (message.startsWith('only ET_DYN'))
    return 'it is an object file or a core dump, which is not linked yet, or never is.';
  if (message.startsWith('ELF load command'))
    return 'its segments do not fit into the pages of this machine, or lie outside of the file.';
  if (message === 'object file has no dynamic section')
    return 'it is a static program or holds debug information only.';
  return 'its header is damaged, or not one of a library.';
}

function stateOf(
  world: World,
  { object }: UnloadableFile,
  path: ByteText | null,
  requester: ByteText | null,
): PresentState {
  if (path === null && world.files.status(object).kind === 'directory') {
    return { kind: 'persists', text: `${displayText(object)} is still a folder.` };
  }
  if (path === null) return { kind: 'unknown', text: `${displayText(object)} is not found on this machine.` };
  const reader = requester === null ? null : world.read(requester);
  const file = world.read(path);
  const target =
    reader?.kind === 'elf'
      ? reader.header
      : file?.kind === 'elf'
        ? file.header
        : { class: 64 as const, byteOrder: 'little' as const, machine: 62, flags: 0 };
  const verdict = verifyCandidate(path, world.files, readLoaderFile, target);
  if (verdict.kind !== 'taken')
    return { kind: 'persists', text: `${displayText(path)}: ${displayText(verdict.outcome)}.` };
  const error = verdict.object.mappingError;
  if (error !== null) return { kind: 'persists', text: `${displayText(path)}: ${error}.` };
  return { kind: 'resolved', text: `${displayText(path)} is a library that the loader takes now.` };
}

/** What else a file is that has the name of a library. */
function contentFacts(world: World, path: ByteText): readonly string[] {
  const start = beginningOf(world, path);
  if (start === null) return [];
  const shown = displayText(path);
  if (start.startsWith('version https://git-lfs.github.com/'))
    return [`${shown} is a pointer of Git LFS: the library itself was not fetched.`];
  if (/^\s*<(?:!doctype|html)/iu.test(start)) return [`${shown} is a web page: what was to be downloaded was not.`];
  const script = /(?:GROUP|INPUT)\s*\(\s*(?<files>[^)]*)\)/u.exec(start)?.groups?.['files'];
  if (script !== undefined)
    return [
      `It is a script for the link editor, which names ${displayText(script.trim().replace(/\s+/gu, ' '))}. Programs are linked through it and must not load it.`,
    ];
  return [];
}

/** Null for what is ELF, and for what cannot be read. */
function beginningOf(world: World, path: ByteText): string | null {
  const file = world.read(path);
  return file?.kind === 'other' ? file.start : null;
}

async function remediesOf(
  world: World,
  { message }: UnloadableFile,
  path: ByteText | null,
  name: ByteText,
  requester: ByteText | null,
  program: ByteText | null,
): Promise<readonly Remedy[]> {
  const remedies: Remedy[] = [];
  const start = path === null ? null : beginningOf(world, path);
  if (path !== null && start?.startsWith('version https://git-lfs') === true) {
    remedies.push({
      id: 'git-lfs',
      title: 'Fetch the library from Git LFS',
      why: 'The repository has a small text in its place.',
      command: `git -C ${shellWord(folderOf(path))} lfs pull`,
    });
  }
  const scripted = /(?:GROUP|INPUT)\s*\(\s*(?<file>\S+\.so\.\d\S*)/u.exec(start ?? '')?.groups?.['file'];
  if (scripted !== undefined) {
    remedies.push({
      id: 'load-target',
      title: `Load ${displayText(scripted)} instead`,
      why: 'That is the library that the script stands for: the name with its version.',
      command: null,
    });
  }
  if (message.startsWith('ELF load command')) {
    remedies.push({
      id: 'page-size',
      title: 'Link it again for larger pages',
      why: 'Segments have to be aligned to the largest page of the machine (64 KiB on some ARM and POWER systems); tools that rewrite files sometimes lose that.',
      command: '-Wl,-z,max-page-size=65536',
    });
  }
  const reader = requester === null ? null : world.read(requester);
  const copies = await copiesOf(
    world,
    name,
    requester === null ? [] : [requester],
    reader?.kind === 'elf' ? reader.header : null,
  );
  const fit = copies.find(copy => copy.problem === null && copy.path !== path);
  if (fit !== undefined) {
    const remedy = libraryPathRemedy(folderOf(fit.path), program);
    remedies.push({
      ...remedy,
      why: `${displayText(fit.path)} is a library of that name that can be loaded. ${remedy.why}`,
    });
  }
  const again = path === null ? [] : await packageAgain(world, path);
  if (again.length > 0) {
    remedies.push(...again);
  } else if (path !== null && scripted === undefined) {
    remedies.push({
      id: 'replace-file',
      title: `Build or fetch ${baseName(path)} again`,
      why: 'A build that ended early, a full disk, a download that failed or a copy that was cut off leave such files. Remove it first: while it is there, the loader does not look for another one.',
      command: shellCommand(['rm', path]),
    });
  }
  return remedies;
}
