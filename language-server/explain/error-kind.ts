import type { Explanation } from '../protocol/explain.ts';
import type { CleanText } from './clean-text.ts';
import type { Phrases } from './phrases.ts';
import type { World } from './world.ts';

/** An explanation without its places in the text. */
export type Explained = Omit<Explanation, 'spans' | 'message'>;

/** An error that was found in a text. */
export interface Recognised {
  /** Place in the clean text. */
  readonly start: number;
  readonly end: number;
  /** Two of the same key tell the same: they are explained once. */
  readonly key: string;
  readonly explain: (world: World) => Promise<Explained>;
  /** Where the words may mean something else: whether the files say that they mean this. Absent: they mean nothing else. */
  readonly applies?: (world: World) => boolean;
}

/** A kind of error: how it is known, and what it means. */
export interface ErrorKind {
  readonly recognise: (text: CleanText, phrases: Phrases) => Iterable<Recognised>;
}

type Base = Pick<Explained, 'kind' | 'title' | 'summary'>;

/** What is not said is not known. */
export function explained(base: Base, more: Partial<Omit<Explained, keyof Base>> = {}): Explained {
  return {
    ...base,
    facts: [],
    object: null,
    program: null,
    requiredBy: null,
    symbol: null,
    provider: null,
    state: { kind: 'unknown', text: 'The files that it names are not on this machine, so it cannot be looked up.' },
    remedies: [],
    evidence: [],
    ...more,
  };
}

export function matches(text: string, pattern: RegExp): Iterable<RegExpExecArray> {
  return text.matchAll(pattern);
}

/** A named group; empty where it took no part. */
export function group(match: RegExpExecArray, name: string): string {
  return match.groups?.[name] ?? '';
}
