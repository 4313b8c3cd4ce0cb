import { statSync } from 'node:fs';
import { osPath } from '../../native/byte-text.ts';
import { shellCommand } from '../../native/shell-quote.ts';
import { displayText } from '../../protocol/display-text.ts';
import type { ByteText } from '../../protocol/elf.ts';
import type { Finding } from '../../protocol/finding.ts';
import type { ElfFile } from '../elf-file.ts';
import { dynamicTag } from '../reader/dynamic-section.ts';

/** Entries looked at; each may cost a look at the disk. */
const maximumEntries = 64;

/** What the loader searches for libraries by order of the file: DT_RPATH, or DT_RUNPATH, which makes it ignore the first. */
export interface RunPath {
  readonly tag: 'RPATH' | 'RUNPATH';
  readonly text: ByteText;
  /** In the order of the search; an empty one stands for the current folder. */
  readonly entries: readonly ByteText[];
}

/** As glibc splits it (elf/dl-load.c, fillin_rpath): by colons; all of it empty is none at all (decompose_rpath). */
export function runPathsOf(file: ElfFile): readonly RunPath[] {
  const dynamic = file.dynamic();
  if (dynamic === null) return [];
  const tags = [
    ['RPATH', dynamicTag.rpath],
    ['RUNPATH', dynamicTag.runpath],
  ] as const;
  return tags.flatMap(([tag, number]) => {
    const text = dynamic.names(number).at(-1);
    return text === undefined ? [] : [{ tag, text, entries: text === '' ? [] : text.split(':') }];
  });
}

/** Adds a finding for each place that the file makes the loader search and that others, or nobody, can fill. */
export function checkRunPaths(file: ElfFile): void {
  for (const finding of runPathFindings(file)) file.image.findings.add(finding);
}

export function runPathFindings(file: ElfFile): readonly Finding[] {
  const paths = runPathsOf(file);
  const common = {
    offset: file.dynamic()?.offset ?? 0,
    evidence: { rule: 'glibc elf/dl-load.c: fillin_rpath', command: shellCommand(['readelf', '-dW', file.path]) },
  };
  const drafts = paths.flatMap(path => [
    ...(path.text === '' ? [wholeEmpty(path)] : []),
    ...path.entries.slice(0, maximumEntries).flatMap(entry => checkEntry(file.path, path, entry)),
  ]);
  return [...drafts, ...both(paths)].map(draft => ({ ...draft, ...common }));
}

type Draft = Pick<Finding, 'code' | 'severity' | 'message' | 'expected' | 'actual'>;

function wholeEmpty({ tag }: RunPath): Draft {
  return {
    code: 'elf/run-path-empty',
    severity: 'information',
    message: `${tag} is empty: the loader ignores it. Leave it out when linking, or remove it with patchelf --remove-rpath.`,
  };
}

function both(paths: readonly RunPath[]): readonly Draft[] {
  const [first, second] = paths;
  if (first === undefined || second === undefined) return [];
  const same = first.text === second.text;
  return [
    {
      code: 'elf/rpath-and-runpath',
      severity: same ? 'information' : 'warning',
      message: `The file has both RPATH and RUNPATH: the loader of glibc ignores RPATH then${same ? '; here they say the same' : ', though it names other folders'}. Keep one of them.`,
      expected: second.text,
      actual: first.text,
    },
  ];
}

function checkEntry(file: ByteText, path: RunPath, entry: ByteText): readonly Draft[] {
  if (entry === '') return [emptyEntry(path)];
  const origin = /^\$(?:ORIGIN|\{ORIGIN\})(?=\/|$)/u.exec(entry)?.[0];
  if (origin !== undefined) return checkOwnFolder(file, path, entry, entry.slice(origin.length));
  if (!entry.startsWith('/')) return [relativeEntry(path, entry)];
  return checkAbsolute(file, path, entry);
}

function emptyEntry({ tag, text }: RunPath): Draft {
  return {
    code: 'elf/run-path-empty',
    severity: 'warning',
    message: `${tag} has an empty entry, which means the folder that the program happens to be started in: whoever can put a library there decides what runs. Mostly an unset variable in the build is the cause.`,
    actual: text,
  };
}

function relativeEntry({ tag }: RunPath, entry: ByteText): Draft {
  const eaten = /^(?:RIGIN|ORIGIN|\\\$|'|\{ORIGIN\})/u.test(entry);
  const cause = eaten
    ? " It looks as if a shell or make had taken a part of $ORIGIN: write '-Wl,-rpath,$ORIGIN/…' in quotes, and $$ORIGIN in a makefile."
    : ' Begin it with $ORIGIN to mean the folder of the file itself.';
  return {
    code: 'elf/run-path-relative',
    severity: 'warning',
    message: `The entry ${displayText(entry)} of ${tag} is relative to the folder that the program happens to be started in: whoever can put a library there decides what runs.${cause}`,
    expected: 'an absolute folder, or one that begins with $ORIGIN',
    actual: entry,
  };
}

/**
 * Where the file lies now, `$ORIGIN` may be a folder that everybody can write to. Files that were only put into a folder for
 * temporary files are no more than worth telling.
 */
function checkOwnFolder(file: ByteText, { tag }: RunPath, entry: ByteText, rest: ByteText): readonly Draft[] {
  const folder = `${file.slice(0, file.lastIndexOf('/')) || '/'}${rest}`;
  const open = writableByAll(folder);
  if (open === null) return [];
  return [
    {
      code: 'elf/run-path-writable',
      severity: open.path === folder && !open.isTemporary ? 'warning' : 'information',
      message: `The entry ${displayText(entry)} of ${tag} is ${displayText(folder)} where the file lies now. It ${openText(open, folder)}: whoever puts a library there decides what runs.`,
      actual: entry,
    },
  ];
}

/** Everybody may write there on every Unix (File System Hierarchy Standard: /tmp, /var/tmp). */
const sharedFolder = /^\/(?:tmp|var\/tmp|dev\/shm|run\/lock|var\/lock)(?:\/[^/]+|$)/u;

function checkAbsolute(file: ByteText, path: RunPath, entry: ByteText): readonly Draft[] {
  const open = writableByAll(entry);
  const shared = sharedFolder.exec(entry)?.[0];
  if (open !== null || shared !== undefined) return [sharedEntry(file, path, entry, { open, shared })];
  const found = privateFolder(entry);
  if (found === null) return [];
  const own = isBelow(file, found.root);
  return [
    {
      code: 'elf/run-path-private',
      severity: own ? 'information' : 'warning',
      message: `The entry ${displayText(entry)} of ${path.tag} is ${found.what}: ${own ? 'the file works only on this machine' : 'on other machines it does not exist, or belongs to somebody else'}. Install with $ORIGIN or no entry at all (CMake: INSTALL_RPATH; patchelf --set-rpath).`,
      actual: entry,
    },
  ];
}

function sharedEntry(
  file: ByteText,
  { tag }: RunPath,
  entry: ByteText,
  { open, shared }: { readonly open: OpenFolder | null; readonly shared: string | undefined },
): Draft {
  const own = open === null && shared !== undefined && isBelow(file, shared);
  const why = open === null ? 'lies in a folder that everybody may write to' : openText(open, entry);
  return {
    code: 'elf/run-path-writable',
    severity: own ? 'information' : 'warning',
    message: `The entry ${displayText(entry)} of ${tag} ${own ? 'is where the file was built, in a folder for temporary files: on other machines everybody can make it' : why}, and whoever puts a library there decides what runs.`,
    actual: entry,
  };
}

function openText({ path }: OpenFolder, folder: ByteText): string {
  return path === folder
    ? 'is a folder that everybody may write to'
    : `does not exist, and everybody may write to ${displayText(path)} and so make it`;
}

interface PrivateFolder {
  readonly what: string;
  /** The part of the entry that makes it private: files below it are at home there. */
  readonly root: ByteText;
}

const home = /^\/(?:(?:var\/)?home|Users)\/[^/]+|^\/root(?=\/|$)/u;
const buildRoot =
  /^\/(?:builds?|buildroot|buildbot|workspace|__w|github\/workspace|drone\/src|croot|codebuild|usr\/src\/(?:packages|rpm)|usr\/obj|var\/(?:lib\/)?(?:jenkins|buildkite-agent|gitlab-runner))(?=\/|$)/u;
/** Names that build tools give to folders which are not installed. */
const buildPart =
  /^.*?\/(?:\.libs|_build|build|builddir|cmake-build-[^/]+|bazel-out|BUILD|BUILDROOT|conda-bld|[^/]*_h_env_placehold[^/]*)(?=\/|$)/u;

function privateFolder(entry: ByteText): PrivateFolder | null {
  const owner = home.exec(entry)?.[0];
  if (owner !== undefined) return { what: "in a person's home folder", root: owner };
  const build = buildRoot.exec(entry)?.[0] ?? buildPart.exec(entry)?.[0];
  return build === undefined ? null : { what: 'in a folder for building', root: build };
}

function isBelow(file: ByteText, folder: ByteText): boolean {
  return file.startsWith(`${folder}/`);
}

interface OpenFolder {
  readonly path: ByteText;
  /** With the sticky bit, as /tmp has it: everybody may add, but not replace what others put there. */
  readonly isTemporary: boolean;
}

/**
 * The folder itself where everybody may write to it; where it does not exist, the nearest one that does, if everybody may
 * write there and so create it. Null: neither, or it cannot be looked at.
 */
function writableByAll(folder: ByteText): OpenFolder | null {
  for (let at = folder; ; at = at.slice(0, Math.max(at.lastIndexOf('/'), 0)) || '/') {
    try {
      const status = statSync(osPath(at), { throwIfNoEntry: false });
      if (status !== undefined) {
        const isOpen = status.isDirectory() && (status.mode & 0o002) !== 0;
        return isOpen ? { path: at, isTemporary: (status.mode & 0o1000) !== 0 } : null;
      }
    } catch {
      return null;
    }
    if (at === '/' || at.length > 4096) return null;
  }
}
