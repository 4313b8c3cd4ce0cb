import { LRUCache } from 'lru-cache';
import { type FileStatus, type HostFiles, hostFiles } from '../dependencies/files/loader-files.ts';
import type { ByteText } from '../protocol/elf.ts';
import type { ScannedFile } from '../protocol/scan.ts';
import type { FoundElf } from './find-elf-files.ts';

/**
 * Remembers how files were resolved, and what the resolver asked about other files on the way: while it would be answered the
 * same everywhere, so is the whole question. Thus after a build only what that build touches is resolved again, and nothing is
 * ever out of date.
 */
export interface ResolutionMemory {
  /** What one scan resolves with. Everything is asked at most once in it. */
  begin(): Resolutions;
}

export interface Resolutions {
  /** The remembered answer where it still holds, else that of `resolve`, which is to ask only `files`. */
  resolved(found: FoundElf, resolve: (files: HostFiles) => Promise<ScannedFile>): Promise<ScannedFile>;
  /** As it is seen in this scan. */
  status(path: ByteText): FileStatus;
}

/** Something that was asked about a path, and what the answer was. */
interface Question {
  /** Asks again; whether the answer is another one. */
  readonly hasChanged: () => boolean;
  /** The scan that asked last, and the one that saw another answer than those before it. */
  askedIn: number;
  changedIn: number;
  /** The file on whose account it was asked last. */
  askedFor: number;
}

interface RememberedFile {
  readonly version: string;
  readonly resolvedIn: number;
  readonly questions: readonly Question[];
  readonly file: ScannedFile;
}

/** About 300 bytes each. */
const maximumQuestions = 300_000;
const rememberedBytes = 64 << 20;

export function createResolutionMemory(): ResolutionMemory {
  const files = new LRUCache<ByteText, RememberedFile>({
    maxSize: rememberedBytes,
    sizeCalculation: ({ file, questions }) =>
      1000 + 2 * file.path.length + 8 * questions.length + 120 * file.needs.length + 2000 * file.problems.length,
  });
  const table = createQuestions();
  let scans = 0;
  let resolutions = 0;
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
          const file = await resolve(table.recorder(scan, resolutions, questions));
          files.set(found.path, { version: found.version, resolvedIn: scan, questions, file });
          return file;
        },
        status: path => table.recorder(scan, 0, []).status(path),
      };
    },
  };
}

function askAgain(question: Question, scan: number): void {
  question.askedIn = scan;
  if (question.hasChanged()) question.changedIn = scan;
}

interface Questions {
  size(): number;
  clear(): void;
  /** Answers what is known to this scan already, and writes down what is asked. */
  recorder(scan: number, resolution: number, asked: Question[]): HostFiles;
}

function createQuestions(): Questions {
  const status = remembering(hostFiles.status, signatureOf);
  const link = remembering(hostFiles.link, answer => ('errno' in answer ? `!${answer.errno}` : answer.target));
  const real = remembering(hostFiles.real, answer => answer);
  const kinds = [status, link, real];
  return {
    size: () => kinds.reduce((sum, kind) => sum + kind.size(), 0),
    clear: () => kinds.forEach(kind => void kind.clear()),
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
  ask(path: ByteText, scan: number, resolution: number, asked: Question[]): Answer;
}

function remembering<Answer>(
  askSystem: (path: ByteText) => Answer,
  signature: (answer: Answer) => string | null,
): Remembering<Answer> {
  const known = new Map<ByteText, Question & { answer: Answer }>();
  const questionAbout = (path: ByteText, scan: number): Question & { answer: Answer } => {
    const answer = askSystem(path);
    let last = signature(answer);
    const question = {
      answer,
      askedIn: scan,
      changedIn: 0,
      askedFor: 0,
      hasChanged: () => {
        question.answer = askSystem(path);
        const now = signature(question.answer);
        const changed = now !== last;
        last = now;
        return changed;
      },
    };
    known.set(path, question);
    return question;
  };
  return {
    size: () => known.size,
    clear: () => known.clear(),
    ask(path, scan, resolution, asked) {
      const question = known.get(path) ?? questionAbout(path, scan);
      if (question.askedIn < scan) askAgain(question, scan);
      if (question.askedFor !== resolution) {
        question.askedFor = resolution;
        asked.push(question);
      }
      return question.answer;
    },
  };
}
