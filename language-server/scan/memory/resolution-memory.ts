import { LRUCache } from 'lru-cache';
import { type FileStatus, type HostFiles, hostFiles } from '../../dependencies/files/loader-files.ts';
import type { ByteText } from '../../protocol/elf.ts';
import type { ScannedFile } from '../../protocol/scan.ts';
import type { FoundElf } from '../find-elf-files.ts';
import { isVersionAtRest } from './file-version.ts';

/**
 * Remembers how files were resolved, and what the resolver asked about other files on the way: while it would be answered the
 * same everywhere, so is the whole question. Thus after a build only what that build touches is resolved again, and nothing is
 * ever out of date.
 */
export interface ResolutionMemory {
  /** What one scan resolves with. Everything is asked at most once in it. */
  begin(): Resolutions;
  /** How often something was resolved: whether there is something new to write down. */
  changes(): number;
  stored(): StoredResolutions;
}

/** As columns of plain values, which are written and read fast. */
export interface StoredResolutions {
  /** Of each question: what was asked, about which path, and what the answer was. */
  readonly kinds: readonly QuestionKind[];
  readonly paths: readonly ByteText[];
  readonly signatures: readonly (string | null)[];
  readonly files: readonly ScannedFile[];
  readonly versions: readonly string[];
  /** Of each file, which questions the answer rests on. */
  readonly questions: readonly (readonly number[])[];
}

export type QuestionKind = keyof HostFiles;

export interface Resolutions {
  /** The remembered answer where it still holds, else that of `resolve`, which is to ask only `files`. */
  resolved(found: FoundElf, resolve: (files: HostFiles) => Promise<ScannedFile>): Promise<ScannedFile>;
  /** As it is seen in this scan. */
  status(path: ByteText): FileStatus;
}

/** Something that was asked about a path, and what the answer was. */
interface Question {
  readonly kind: QuestionKind;
  readonly path: ByteText;
  /** Asks again; whether the answer is another one. */
  readonly hasChanged: () => boolean;
  /** What tells the last answer from others. */
  readonly signature: () => string | null;
  /** The scan that asked last, and the one that saw another answer than those before it. */
  askedIn: number;
  changedIn: number;
  /** The file on whose account it was asked last. */
  askedFor: number;
}

interface RememberedFile {
  readonly version: string;
  readonly resolvedIn: number;
  readonly resolvedAtMs: number;
  readonly questions: readonly Question[];
  readonly file: ScannedFile;
}

/** About 300 bytes each. */
const maximumQuestions = 300_000;
const rememberedBytes = 64 << 20;

/** @param before what another memory had {@link ResolutionMemory.stored}. */
export function createResolutionMemory(before?: StoredResolutions): ResolutionMemory {
  const files = new LRUCache<ByteText, RememberedFile>({
    maxSize: rememberedBytes,
    sizeCalculation: ({ file, questions }) =>
      1000 + 2 * file.path.length + 8 * questions.length + 120 * file.needs.length + 2000 * file.problems.length,
  });
  const table = createQuestions();
  let scans = 0;
  let resolutions = 0;
  if (before !== undefined) for (const known of restored(before, table)) files.set(known.file.path, known);
  return {
    begin() {
      // What is remembered of files goes with the questions that it rests on.
      if (table.size() > maximumQuestions) {
        table.clear();
        files.clear();
      }
      scans += 1;
      const scan = scans;
      const holds = ({ questions, resolvedIn }: RememberedFile): boolean =>
        questions.every(question => {
          if (question.askedIn < scan) askAgain(question, scan);
          return question.changedIn <= resolvedIn;
        });
      return {
        async resolved(found, resolve) {
          const known = files.get(found.path);
          if (known !== undefined && known.version === found.version && holds(known)) return known.file;
          resolutions += 1;
          const questions: Question[] = [];
          const resolvedAtMs = Date.now();
          const file = await resolve(table.recorder(scan, resolutions, questions));
          files.set(found.path, { version: found.version, resolvedIn: scan, resolvedAtMs, questions, file });
          return file;
        },
        status: path => table.recorder(scan, 0, []).status(path),
      };
    },
    changes: () => resolutions,
    stored: () => stored([...files.values()]),
  };
}

/** Without answers that no longer hold, and those that rest on a file that had changed just before it was read. */
function stored(all: readonly RememberedFile[]): StoredResolutions {
  const known = all.filter(
    ({ version, questions, resolvedIn, resolvedAtMs }) =>
      isVersionAtRest(version, resolvedAtMs) &&
      questions.every(question => question.changedIn <= resolvedIn && isAnswerAtRest(question, resolvedAtMs)),
  );
  const places = new Map<Question, number>();
  const placeOf = (question: Question): number => {
    const place = places.get(question) ?? places.size;
    places.set(question, place);
    return place;
  };
  const questions = known.map(file => file.questions.map(placeOf));
  const asked = [...places.keys()];
  return {
    kinds: asked.map(({ kind }) => kind),
    paths: asked.map(({ path }) => path),
    signatures: asked.map(({ signature }) => signature()),
    files: known.map(({ file }) => file),
    versions: known.map(({ version }) => version),
    questions,
  };
}

function isAnswerAtRest({ kind, signature }: Question, atMs: number): boolean {
  const answer = signature();
  return kind !== 'status' || answer === null || !answer.includes(':') || isVersionAtRest(answer, atMs);
}

/** As resolved before the first scan: each question is asked again before it counts. */
function* restored(
  { kinds, paths, signatures, ...of }: StoredResolutions,
  table: Questions,
): Generator<RememberedFile> {
  const asked = kinds.map((kind, index) => table.restore(kind, paths[index] ?? '', signatures[index] ?? null));
  for (const [index, file] of of.files.entries()) {
    const questions = (of.questions[index] ?? []).flatMap(place => asked[place] ?? []);
    yield { version: of.versions[index] ?? '', resolvedIn: 0, resolvedAtMs: Number.POSITIVE_INFINITY, questions, file };
  }
}

function askAgain(question: Question, scan: number): void {
  question.askedIn = scan;
  if (question.hasChanged()) question.changedIn = scan;
}

interface Questions {
  size(): number;
  clear(): void;
  /** A question that another process asked. */
  restore(kind: QuestionKind, path: ByteText, signature: string | null): Question;
  /** Answers what is known to this scan already, and writes down what is asked. */
  recorder(scan: number, resolution: number, asked: Question[]): HostFiles;
}

function createQuestions(): Questions {
  const status = remembering('status', hostFiles.status, signatureOf);
  const link = remembering('link', hostFiles.link, answer => ('errno' in answer ? `!${answer.errno}` : answer.target));
  const real = remembering('real', hostFiles.real, answer => answer);
  const byKind = { status, link, real };
  const kinds = [status, link, real];
  return {
    size: () => kinds.reduce((sum, kind) => sum + kind.size(), 0),
    clear: () => kinds.forEach(kind => void kind.clear()),
    restore: (kind, path, signature) => byKind[kind].restore(path, signature),
    recorder: (scan, resolution, asked) => ({
      status: path => status.ask(path, scan, resolution, asked),
      link: path => link.ask(path, scan, resolution, asked),
      real: path => real.ask(path, scan, resolution, asked),
    }),
  };
}

/** Device, inode, size and times of a regular file; of all else what it is. */
function signatureOf(status: FileStatus): string {
  switch (status.kind) {
    case 'file':
      return status.version;
    case 'directory':
      return 'directory';
    case 'special':
      return status.what;
    case 'error':
      return status.errno;
  }
}

interface Remembering<Answer> {
  size(): number;
  clear(): void;
  restore(path: ByteText, signature: string | null): Question;
  ask(path: ByteText, scan: number, resolution: number, asked: Question[]): Answer;
}

interface AnsweredQuestion<Answer> extends Question {
  /** Asks where this process has not asked yet. */
  readonly answer: () => Answer;
}

function remembering<Answer>(
  kind: QuestionKind,
  askSystem: (path: ByteText) => Answer,
  signatureOfAnswer: (answer: Answer) => string | null,
): Remembering<Answer> {
  const known = new Map<ByteText, AnsweredQuestion<Answer>>();
  const remember = (
    path: ByteText,
    first: { readonly answer: Answer; readonly scan: number } | { readonly signature: string | null },
  ): AnsweredQuestion<Answer> => {
    let answer = 'answer' in first ? { value: first.answer } : null;
    let signature = 'answer' in first ? signatureOfAnswer(first.answer) : first.signature;
    const askNow = (): Answer => {
      answer = { value: askSystem(path) };
      return answer.value;
    };
    const question = {
      kind,
      path,
      askedIn: 'scan' in first ? first.scan : 0,
      changedIn: 0,
      askedFor: 0,
      answer: () => (answer === null ? askNow() : answer.value),
      signature: () => signature,
      hasChanged: () => {
        const before = signature;
        signature = signatureOfAnswer(askNow());
        return signature !== before;
      },
    };
    known.set(path, question);
    return question;
  };
  return {
    size: () => known.size,
    clear: () => known.clear(),
    restore: (path, signature) => remember(path, { signature }),
    ask(path, scan, resolution, asked) {
      const question = known.get(path) ?? remember(path, { answer: askSystem(path), scan });
      if (question.askedIn < scan) askAgain(question, scan);
      if (question.askedFor !== resolution) {
        question.askedFor = resolution;
        asked.push(question);
      }
      return question.answer();
    },
  };
}
