import { statSync } from 'node:fs';
import { osPath } from '../native/byte-text.ts';
import type { ByteText } from '../protocol/elf.ts';
import type { TracePlace, TraceSearch } from '../protocol/trace.ts';
import type { LogEvent } from './log-line.ts';
import type { RecordBudget } from './record-budget.ts';

export type SearchEvent = Extract<
  LogEvent,
  { readonly kind: 'asked' | 'search' | 'place' | 'try' | 'remark' | 'mapping' }
>;

/** What was asked for and mapped. */
export interface MappedName {
  readonly path: ByteText;
  readonly namespace: number;
  readonly by: ByteText;
  readonly dynamic: boolean;
}

/** The searches of one program image, in their order. The loader holds a lock over each: they don't mix. */
export interface SearchRecord {
  /** @returns What is mapped by this event; null where nothing is. */
  add(event: SearchEvent, atStart: boolean): MappedName | null;
  /** Lines were lost: what was going on has no end that is known. */
  lose(): void;
  readonly count: () => number;
  /** @param mapped paths of all that is mapped. */
  finish(cwd: ByteText, mapped: readonly ByteText[]): readonly TraceSearch[];
}

interface Search extends Omit<TraceSearch, 'outcome' | 'path' | 'predicted'> {
  renamed: ByteText | null;
  readonly places: TracePlace[];
  readonly tried: { readonly path: ByteText; remark: string | null }[];
  cut: boolean;
  mapped: boolean;
}

export function createSearchRecord(budget: RecordBudget): SearchRecord {
  const searches: Search[] = [];
  let count = 0;
  let current: Search | null = null;
  const begin = (asked: Pick<Search, 'name' | 'namespace' | 'by' | 'dynamic'>, atStart: boolean): Search => {
    const search = { ...asked, atStart, renamed: null, places: [], tried: [], cut: false, mapped: false };
    count += 1;
    if (budget.take('search')) searches.push(search);
    return search;
  };
  /** It is said for whom, and not yet looked for. */
  let isFresh = false;
  return {
    add(event, atStart) {
      if (event.kind === 'asked') {
        const { kind: _kind, ...asked } = event;
        current = begin(asked, atStart);
        isFresh = true;
        return null;
      }
      if (current === null || isUnasked(event, current, isFresh)) {
        if (event.kind !== 'search' && event.kind !== 'mapping') return null;
        const { name, namespace } = event;
        current = begin({ name, namespace, by: '', dynamic: false }, atStart);
      }
      isFresh &&= event.kind !== 'search';
      return follow(current, event, budget);
    },
    lose() {
      if (current !== null) current.cut = true;
      current = null;
      isFresh = false;
    },
    count: () => count,
    finish(cwd, mapped) {
      const identities = new Set(mapped.map(path => identityOf(path, cwd)).filter(known => known !== null));
      return searches.map(search => finished(search, cwd, identities));
    },
  };
}

function follow(
  search: Search,
  event: Exclude<SearchEvent, { kind: 'asked' }>,
  budget: RecordBudget,
): MappedName | null {
  switch (event.kind) {
    case 'search':
      if (event.name !== search.name) search.renamed = event.name;
      return null;
    case 'place':
      search.places.push({ kind: event.what, from: event.from });
      return null;
    case 'try':
      if (budget.take('candidate')) search.tried.push({ path: event.path, remark: null });
      else search.cut = true;
      return null;
    case 'remark': {
      const last = search.tried.at(-1);
      if (last !== undefined) last.remark = event.text;
      return null;
    }
    case 'mapping': {
      search.mapped = true;
      const { namespace, by, dynamic } = search;
      return { path: search.tried.at(-1)?.path ?? event.name, namespace, by, dynamic };
    }
  }
}

/** Of what nobody asked for, an audit module, the loader says at once that it looks for it, or maps it. */
function isUnasked(event: SearchEvent, current: Search, isFresh: boolean): boolean {
  if (event.kind === 'search') return !isFresh;
  return event.kind === 'mapping' && event.name !== current.name && event.name !== current.renamed;
}

/**
 * The loader says that it maps a file, but not that it has it already under another name, nor that it found none: of these
 * two, the file system tells which it was.
 */
function finished(search: Search, cwd: ByteText, mapped: ReadonlySet<string>): TraceSearch {
  const { mapped: isMapped, ...rest } = search;
  const last = search.tried.at(-1)?.path ?? (search.name.includes('/') ? search.name : null);
  if (isMapped) return { ...rest, outcome: 'mapped', path: last, predicted: null };
  const identity = last === null ? null : identityOf(last, cwd);
  const known = identity !== null && mapped.has(identity);
  return { ...rest, outcome: known ? 'known' : 'missing', path: known ? last : null, predicted: null };
}

function identityOf(path: ByteText, cwd: ByteText): string | null {
  try {
    const found = statSync(osPath(path.startsWith('/') ? path : `${cwd}/${path}`), { bigint: true });
    return `${found.dev}:${found.ino}`;
  } catch {
    return null;
  }
}
