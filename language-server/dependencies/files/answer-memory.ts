import { LRUCache } from 'lru-cache';
import type { ByteText } from '../../protocol/elf.ts';
import { isVersionAtRest } from './file-version.ts';
import { type FileStatus, type HostFiles, hostFiles } from './loader-files.ts';

/**
 * Remembers answers, and what was asked about files on the way to each: while all of that would be answered the same, so is the
 * question itself. Thus after a build only what that build touches is worked out again, and nothing is ever out of date.
 */
export interface AnswerMemory<Answer> {
  /** Begins a round of questions: everything is asked of the system at most once in it. */
  begin(): Round<Answer>;
  /** How often an answer was worked out: whether there is something new to write down. */
  changes(): number;
  stored(): StoredAnswers<Answer>;
}

/** As columns of plain values, which are written and read fast. */
export interface StoredAnswers<Answer> {
  /** Of each question about files: what was asked, about which path, and what the answer was. */
  readonly kinds: readonly QuestionKind[];
  readonly paths: readonly ByteText[];
  readonly signatures: readonly (string | null)[];
  readonly keys: readonly string[];
  readonly versions: readonly string[];
  readonly answers: readonly Answer[];
  /** Of each answer, which questions about files it rests on. */
  readonly questions: readonly (readonly number[])[];
}

export type QuestionKind = keyof HostFiles;

export interface Round<Answer> {
  /**
   * The remembered answer where it still holds, else that of `workOut`, which is to ask only `files`.
   *
   * @param version of the file that the question is about, where the caller knows it already; '' where that is asked of `files`.
   */
  answer(key: string, version: string, workOut: (files: HostFiles) => Promise<Answer>): Promise<Answer>;
}

/** Something that was asked about a path, and what the answer was. */
interface Question {
  readonly kind: QuestionKind;
  readonly path: ByteText;
  /** Asks again; whether the answer is another one. */
  readonly hasChanged: () => boolean;
  /** What tells the last answer from others. */
  readonly signature: () => string | null;
  /** The round that asked last, and the one that saw another answer than those before it. */
  askedIn: number;
  changedIn: number;
  /** The answer on whose account it was asked last. */
  askedFor: number;
}

interface Remembered<Answer> {
  readonly version: string;
  readonly foundIn: number;
  readonly foundAtMs: number;
  readonly questions: readonly Question[];
  readonly answer: Answer;
}

/** About 300 bytes each. */
const maximumQuestions = 300_000;

/**
 * @param capacityBytes about what the answers may take, with what they rest on.
 * @param weightOf about what an answer takes, in bytes.
 * @param before what another memory had {@link AnswerMemory.stored}.
 */
export function createAnswerMemory<Answer extends object>(
  capacityBytes: number,
  weightOf: (answer: Answer) => number,
  before?: StoredAnswers<Answer>,
): AnswerMemory<Answer> {
  const known = new LRUCache<string, Remembered<Answer>>({
    maxSize: capacityBytes,
    sizeCalculation: ({ answer, questions }, key) => key.length + 8 * questions.length + Math.ceil(weightOf(answer)),
  });
  const table = createQuestions();
  let rounds = 0;
  let workedOut = 0;
  if (before !== undefined) for (const [key, entry] of restored(before, table)) known.set(key, entry);
  return {
    begin() {
      // What is remembered goes with the questions that it rests on.
      if (table.size() > maximumQuestions) {
        table.clear();
        known.clear();
      }
      rounds += 1;
      const round = rounds;
      const holds = ({ questions, foundIn }: Remembered<Answer>): boolean =>
        questions.every(question => {
          if (question.askedIn < round) askAgain(question, round);
          return question.changedIn <= foundIn;
        });
      return {
        async answer(key, version, workOut) {
          const entry = known.get(key);
          if (entry !== undefined && entry.version === version && holds(entry)) return entry.answer;
          workedOut += 1;
          const questions: Question[] = [];
          const foundAtMs = Date.now();
          const answer = await workOut(table.recorder(round, workedOut, questions));
          known.set(key, { version, foundIn: round, foundAtMs, questions, answer });
          return answer;
        },
      };
    },
    changes: () => workedOut,
    stored: () => stored([...known]),
  };
}

/** Without answers that no longer hold, and those that rest on a file that had changed just before it was read. */
function stored<Answer>(all: readonly (readonly [string, Remembered<Answer>])[]): StoredAnswers<Answer> {
  const kept = all.filter(
    ([, { version, questions, foundIn, foundAtMs }]) =>
      (version === '' || isVersionAtRest(version, foundAtMs)) &&
      questions.every(question => question.changedIn <= foundIn && isAnswerAtRest(question, foundAtMs)),
  );
  const places = new Map<Question, number>();
  const placeOf = (question: Question): number => {
    const place = places.get(question) ?? places.size;
    places.set(question, place);
    return place;
  };
  const questions = kept.map(([, entry]) => entry.questions.map(placeOf));
  const asked = [...places.keys()];
  return {
    kinds: asked.map(({ kind }) => kind),
    paths: asked.map(({ path }) => path),
    signatures: asked.map(({ signature }) => signature()),
    keys: kept.map(([key]) => key),
    versions: kept.map(([, { version }]) => version),
    answers: kept.map(([, { answer }]) => answer),
    questions,
  };
}

/** As found before the first round: each question is asked again before it counts. */
function* restored<Answer>(
  { kinds, paths, signatures, ...of }: StoredAnswers<Answer>,
  table: Questions,
): Generator<readonly [string, Remembered<Answer>]> {
  const asked = kinds.map((kind, index) => table.restore(kind, paths[index] ?? '', signatures[index] ?? null));
  for (const [index, answer] of of.answers.entries()) {
    const questions = (of.questions[index] ?? []).flatMap(place => asked[place] ?? []);
    const foundAtMs = Number.POSITIVE_INFINITY;
    yield [of.keys[index] ?? '', { version: of.versions[index] ?? '', foundIn: 0, foundAtMs, questions, answer }];
  }
}

function isAnswerAtRest({ kind, signature }: Question, atMs: number): boolean {
  const answer = signature();
  return kind !== 'status' || answer === null || !answer.includes(':') || isVersionAtRest(answer, atMs);
}

function askAgain(question: Question, round: number): void {
  question.askedIn = round;
  if (question.hasChanged()) question.changedIn = round;
}

interface Questions {
  size(): number;
  clear(): void;
  /** A question that another process asked. */
  restore(kind: QuestionKind, path: ByteText, signature: string | null): Question;
  /** Answers what is known to this round already, and writes down what is asked. */
  recorder(round: number, answerNumber: number, asked: Question[]): HostFiles;
}

function createQuestions(): Questions {
  const status = remembering('status', hostFiles.status, signatureOf);
  const link = remembering('link', hostFiles.link, answer => ('errno' in answer ? `!${answer.errno}` : answer.target));
  const real = remembering('real', hostFiles.real, answer => answer);
  const rights = remembering('rights', hostFiles.rights, answer =>
    answer === null ? null : Object.values(answer).join(),
  );
  const byKind = { status, link, real, rights };
  const kinds = Object.values(byKind);
  return {
    size: () => kinds.reduce((sum, kind) => sum + kind.size(), 0),
    clear: () => kinds.forEach(kind => void kind.clear()),
    restore: (kind, path, signature) => byKind[kind].restore(path, signature),
    recorder: (round, answerNumber, asked) => ({
      status: path => status.ask(path, round, answerNumber, asked),
      link: path => link.ask(path, round, answerNumber, asked),
      real: path => real.ask(path, round, answerNumber, asked),
      rights: path => rights.ask(path, round, answerNumber, asked),
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
  ask(path: ByteText, round: number, answerNumber: number, asked: Question[]): Answer;
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
    first: { readonly answer: Answer; readonly round: number } | { readonly signature: string | null },
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
      askedIn: 'round' in first ? first.round : 0,
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
    ask(path, round, answerNumber, asked) {
      const question = known.get(path) ?? remember(path, { answer: askSystem(path), round });
      if (question.askedIn < round) askAgain(question, round);
      if (question.askedFor !== answerNumber) {
        question.askedFor = answerNumber;
        asked.push(question);
      }
      return question.answer();
    },
  };
}
