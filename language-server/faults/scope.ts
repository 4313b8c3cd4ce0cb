import { basename } from 'node:path';
import { withElfFile } from '../elf/open-elf.ts';
import type { NativeDoor } from '../native/door.ts';
import { displayText } from '../protocol/display-text.ts';
import type { ByteText } from '../protocol/elf.ts';
import { UserError } from '../protocol/errors.ts';
import type { FaultScope } from '../protocol/faults.ts';
import { type CodeRange, functionRanges } from '../symbolize/function-ranges.ts';
import type { Target } from './target.ts';

/** The shim's variables that say which allocations count (shim/start.c); none: all do. */
export type ScopeVariables = Readonly<Partial<Record<ScopeVariable, string>>>;
type ScopeVariable =
  | 'MALLOC_FAULTS_INCLUDE'
  | 'MALLOC_FAULTS_EXCLUDE'
  | 'MALLOC_FAULTS_START'
  | 'MALLOC_FAULTS_FOLLOW'
  | 'MALLOC_FAULTS_CHILDREN';

/** As many terms and characters as shim/scope.c has room for, and as many frames as it looks at. */
const mostTerms = 512;
const mostCharacters = 65_535;
const mostFrames = 64;
const listDeadlineMs = 30_000;

/**
 * The target with what the scope says. Functions are looked up in the symbol tables of the program and of the libraries that
 * it starts with. Errors: invalidParams (a function that is nowhere, a term that cannot be written), untrusted.
 */
export async function withScope(
  target: Target,
  scope: FaultScope | undefined,
  { door, signal }: { readonly door: NativeDoor; readonly signal: AbortSignal },
): Promise<Target> {
  if (scope === undefined) return target;
  const { start = 'first', follow = false } = scope;
  const wantsFunctions = (scope.includeFunctions ?? []).length + (scope.excludeFunctions ?? []).length > 0;
  const files = wantsFunctions ? await loadedFiles(target, door, signal) : [];
  const include = [
    ...libraryTerms(scope.includeLibraries, scope.frames),
    ...(await functionTerms(scope.includeFunctions, files)),
    ...(scope.includeStacks ?? []).map(stackTerm),
  ];
  const exclude = [
    ...libraryTerms(scope.excludeLibraries, scope.frames),
    ...(await functionTerms(scope.excludeFunctions, files)),
    ...(scope.excludeStacks ?? []).map(stackTerm),
  ];
  return {
    ...target,
    scope: {
      ...(include.length > 0 && { MALLOC_FAULTS_INCLUDE: joined(include) }),
      ...(exclude.length > 0 && { MALLOC_FAULTS_EXCLUDE: joined(exclude) }),
      ...(start !== 'first' && { MALLOC_FAULTS_START: start }),
      ...(follow && { MALLOC_FAULTS_FOLLOW: '1', MALLOC_FAULTS_CHILDREN: '1' }),
    },
  };
}

function libraryTerms(globs: readonly string[] = [], frames?: number): readonly string[] {
  if (frames !== undefined && !(Number.isInteger(frames) && frames >= 1 && frames <= mostFrames)) {
    throw invalid(`${frames} is no number of frames: it is from 1 to ${mostFrames}.`);
  }
  return globs.map(glob => {
    if (glob === '' || /[,\0]/u.test(glob)) throw invalid(`"${glob}" is no library: a name, a path, or a glob of one.`);
    return frames === undefined ? `library:${glob}` : `frames:${frames}:${glob}`;
  });
}

function stackTerm(hash: string): string {
  if (!/^0x[\da-f]{1,16}$/u.test(hash))
    throw invalid(`"${hash}" is no call stack: it is written like 0x1f2e3d4c5b6a7988.`);
  return `stack:${hash}`;
}

/** "parse", "ns::Parser::parse", or "libx.so:parse" where other files' functions of the name are not meant. */
async function functionTerms(names: readonly string[] = [], files: readonly ByteText[]): Promise<readonly string[]> {
  const terms: string[] = [];
  for (const given of names) {
    const [, file, name = given] = /^([^:]+):([^:].*)$/u.exec(given) ?? [];
    const paths = file === undefined ? files : filesNamed(file, files);
    const found = await Promise.all(paths.map(async path => ({ path, ranges: await rangesIn(path, name) })));
    const own = found.flatMap(({ path, ranges }) => ranges.map(range => codeTerm(path, range)));
    if (own.length === 0) {
      const where = file === undefined ? 'The program and the libraries that it starts with have' : `${file} has`;
      throw invalid(
        `${displayText(where)} no function ${displayText(name)} in their symbol tables. Is the file stripped, the function inlined, or the name another (nm -C)? What is loaded later is named with its file: libx.so:${displayText(name)}.`,
      );
    }
    terms.push(...own);
  }
  return terms;
}

/** By the name that a file has among what is loaded; else the path of a file that is loaded later. */
function filesNamed(file: string, files: readonly ByteText[]): readonly ByteText[] {
  const named = files.filter(path => path === file || basename(path) === file);
  return named.length > 0 ? named : [file];
}

function codeTerm(path: ByteText, { start, end }: CodeRange): string {
  const name = basename(path);
  // What would be read as a glob or a separator is any character.
  return `code:${name.replaceAll(/[,*+]/gu, '?')}+0x${start.toString(16)}-0x${end.toString(16)}`;
}

async function rangesIn(path: ByteText, name: string): Promise<readonly CodeRange[]> {
  try {
    return await withElfFile(path, file => functionRanges(file, name));
  } catch (error) {
    if (error instanceof UserError) return [];
    throw error;
  }
}

/** The program and the libraries that it starts with, as the loader itself finds them; it does not get to run the program. */
async function loadedFiles(target: Target, door: NativeDoor, signal: AbortSignal): Promise<readonly ByteText[]> {
  const { command, args, cwd, env, path } = target;
  const outcome = await door.runProgram({
    ...{ command, args, cwd, deadlineMs: listDeadlineMs, signal },
    env: { ...env, LD_TRACE_LOADED_OBJECTS: '1', LD_PRELOAD: '' },
  });
  if (outcome.kind === 'untrusted') throw new UserError('untrusted', outcome.message);
  const words = outcome.kind === 'exited' ? Buffer.from(outcome.stdout).toString('latin1') : '';
  const libraries = [...words.matchAll(/^\t(?:.* => )?(\/.*) \(0x[\da-f]+\)$/gmu)].map(([, library = '']) => library);
  return [path, ...libraries];
}

function joined(terms: readonly string[]): string {
  const text = terms.join(',');
  if (terms.length <= mostTerms && text.length <= mostCharacters) return text;
  throw invalid(`The scope has ${terms.length} parts, and at most ${mostTerms} of them can be told to the fault shim.`);
}

function invalid(message: string): UserError {
  return new UserError('invalidParams', message);
}
