import type { ByteText } from '../../protocol/elf.ts';
import { type Compiler, compilersIn } from './compilers.ts';
import {
  createModuleInits,
  type LanguageExtension,
  languageExtension,
  type ModuleInits,
} from './language-extension.ts';
import { type LtoVerdict, linkTimeOptimisation } from './link-time-optimisation.ts';
import { type Language, type Sign, type SignPlace, signs } from './signs.ts';
import { type StripVerdict, stripVerdict } from './strip-state.ts';

export interface LanguageVerdict {
  readonly language: Language;
  readonly certainty: 'certain' | 'likely';
  /** Why: the strongest first, each with a name from the file. */
  readonly evidence: readonly LanguageEvidence[];
}

export interface LanguageEvidence {
  readonly place: SignPlace;
  /** The first name that matched. */
  readonly name: ByteText;
  readonly meaning: string;
  /** How many names matched; counted up to {@link maximumMatches}. */
  readonly count: number;
}

/** What the file says of itself besides its symbols. */
export interface LanguageContext {
  /** Last part of its path. */
  readonly fileName: ByteText;
  /** Strings of `.comment`. */
  readonly comments: readonly ByteText[];
  readonly sectionNames: readonly ByteText[];
  /** DT_NEEDED. */
  readonly needed: readonly ByteText[];
}

export interface LanguageReport {
  /** Certain ones first. C only where nothing else is. */
  readonly languages: readonly LanguageVerdict[];
  readonly compilers: readonly Compiler[];
  /** The program that the file extends (a module of Python, an addon of Node, …); null: none that is known. */
  readonly extension: LanguageExtension | null;
  readonly linkTimeOptimisation: LtoVerdict;
  readonly stripped: StripVerdict;
}

/** Takes the names of a file in pages, in any order; what it keeps does not grow with them. */
export interface LanguageDetector {
  addDefined(names: readonly ByteText[]): void;
  addUndefined(names: readonly ByteText[]): void;
  /** Texts from the file's data (`.rodata`), where the caller has them at hand: they tell Cython in a stripped module. */
  addStrings(texts: readonly ByteText[]): void;
  /** May be asked for between pages; the context is that of the first time. */
  report(context: LanguageContext): LanguageReport;
}

/** A sign that was seen so often is no longer looked for, so that a large file costs little more than a small one. */
export const maximumMatches = 16;

interface Match {
  readonly sign: Sign;
  name: ByteText;
  count: number;
}

export function createLanguageDetector(): LanguageDetector {
  const matches = new Map<Sign, Match>();
  const inits: ModuleInits = createModuleInits();
  const lto = linkTimeOptimisation();
  const open = new Map<SignPlace, Sign[]>();
  for (const sign of signs) open.set(sign.place, [...(open.get(sign.place) ?? []), sign]);

  let isContextCounted = false;

  const look = (place: SignPlace, name: ByteText): void => {
    for (const sign of open.get(place) ?? []) if (sign.pattern.test(name)) count(sign, name);
  };
  const count = (sign: Sign, name: ByteText): void => {
    const known = matches.get(sign);
    if (known === undefined) {
      matches.set(sign, { sign, name, count: 1 });
      return;
    }
    known.count += 1;
    if (known.count >= maximumMatches) {
      open.set(
        sign.place,
        (open.get(sign.place) ?? []).filter(other => other !== sign),
      );
    }
  };
  const addAll = (names: readonly ByteText[], ...places: readonly SignPlace[]): void => {
    // No compiler needs more of a name to be known by.
    for (const name of names) for (const place of places) look(place, name.length > 4096 ? name.slice(0, 4096) : name);
  };
  return {
    addDefined(names) {
      addAll(names, 'defined', 'symbol');
      for (const name of names) {
        inits.addDefined(name);
        lto.addSymbol(name);
      }
    },
    addUndefined(names) {
      addAll(names, 'undefined', 'symbol');
      for (const name of names) inits.addUndefined(name);
    },
    addStrings: texts => addAll(texts, 'string'),
    report(context) {
      if (!isContextCounted) {
        addAll(context.comments, 'comment');
        addAll(context.sectionNames, 'section');
        addAll(context.needed, 'needed');
      }
      isContextCounted = true;
      const compilers = compilersIn(context.comments);
      return {
        languages: languageVerdicts([...matches.values()], compilers),
        compilers,
        extension: languageExtension(context.fileName, inits),
        linkTimeOptimisation: lto.verdict(context.sectionNames),
        stripped: stripVerdict(context.sectionNames),
      };
    },
  };
}

function languageVerdicts(matches: readonly Match[], compilers: readonly Compiler[]): readonly LanguageVerdict[] {
  const languages = new Map<Language, Match[]>();
  for (const match of matches)
    languages.set(match.sign.language, [...(languages.get(match.sign.language) ?? []), match]);
  const verdicts = [...languages].map(([language, found]): LanguageVerdict => {
    const sorted = [...found].sort((left, right) => rank(left) - rank(right) || right.count - left.count);
    const certainty = sorted.some(({ sign }) => sign.certainty === 'certain') ? 'certain' : 'likely';
    return { language, certainty, evidence: sorted.map(evidenceOf) };
  });
  if (verdicts.some(({ certainty }) => certainty === 'certain')) {
    return verdicts.sort((left, right) => Number(left.certainty === 'likely') - Number(right.certainty === 'likely'));
  }
  return [...verdicts, ...plainC(compilers)];
}

/** What C compilers compiled and is no other language; assembly says the same of itself. */
function plainC(compilers: readonly Compiler[]): readonly LanguageVerdict[] {
  const compiler = compilers.find(({ name }) => name === 'GCC' || name === 'Clang' || name.startsWith('Intel C++'));
  if (compiler === undefined) return [];
  const meaning = 'a compiler of C, and no sign of another language';
  return [
    {
      language: 'C',
      certainty: 'likely',
      evidence: [{ place: 'comment', name: compiler.evidence, meaning, count: 1 }],
    },
  ];
}

function rank({ sign }: Match): number {
  return sign.certainty === 'certain' ? 0 : 1;
}

function evidenceOf({ sign, name, count }: Match): LanguageEvidence {
  return { place: sign.place, name, meaning: sign.meaning, count };
}
