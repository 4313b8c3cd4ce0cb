import { LineIndex, type LintRange } from '../diagnostics/positions.ts';
import { readStatements } from '../syntax/read-source-text.ts';
import type { Statement } from '../syntax/syntax.ts';
import { tokenize } from '../syntax/tokens.ts';

export type OutlineKind =
  | 'class'
  | 'function'
  | 'method'
  | 'property'
  | 'field'
  | 'struct'
  | 'enum'
  | 'enumMember'
  | 'type'
  | 'block'
  | 'variable';

/** One entry of the outline of a Cython source. */
export interface CythonOutlineEntry {
  readonly name: string;
  /** `cdef class`, `cpdef`, `extern`. */
  readonly detail: string;
  readonly kind: OutlineKind;
  readonly range: LintRange;
  /** The name itself, or the beginning where it has none. */
  readonly selectionRange: LintRange;
  readonly children: readonly CythonOutlineEntry[];
}

/** Classes, functions, structs, enums, typedefs, extern blocks and what they declare, in the order of the text. */
export function cythonOutline(text: string): readonly CythonOutlineEntry[] {
  const reader = { text, lines: new LineIndex(text) };
  return entriesOf(readStatements(tokenize(text).tokens), 'module', reader);
}

interface Reader {
  readonly text: string;
  readonly lines: LineIndex;
}

type Place = 'module' | 'class' | 'record' | 'function';

function entriesOf(statements: readonly Statement[], place: Place, reader: Reader): readonly CythonOutlineEntry[] {
  return statements.flatMap(statement => entriesOfOne(statement, place, reader));
}

function entriesOfOne(statement: Statement, place: Place, reader: Reader): readonly CythonOutlineEntry[] {
  const entry = (name: string, kind: OutlineKind, detail: string, children: readonly CythonOutlineEntry[] = []) =>
    entryOf({ start: statement.start, end: wholeEnd(statement) }, name, kind, detail, children, reader);
  switch (statement.kind) {
    case 'function': {
      const kind = place === 'class' || place === 'record' ? 'method' : 'function';
      const children = entriesOf(statement.body, 'function', reader);
      return [
        entry(statement.name, kind, firstWords(statement, reader, /^(?:async\s+)?def\b|^cpdef\b|^cdef\b/u), children),
      ];
    }
    case 'class':
      return [
        entry(
          statement.name,
          'class',
          statement.isC ? 'cdef class' : 'class',
          entriesOf(statement.body, 'class', reader),
        ),
      ];
    case 'record':
      return [entry(statement.name, 'struct', statement.record, entriesOf(statement.body, 'record', reader))];
    case 'enum':
      return [enumEntry(statement, reader)];
    case 'typedef': {
      const inner = statement.record === null ? [] : entriesOfOne(statement.record, place, reader);
      return [
        ...inner,
        ...statement.declarators
          .filter(({ name }) => inner.every(each => each.name !== name))
          .map(({ name }) => entry(name, 'type', 'ctypedef')),
      ];
    }
    case 'fused':
      return [entry(statement.name, 'type', 'fused')];
    case 'property':
      return [entry(statement.name, 'property', 'property', entriesOf(statement.body, 'class', reader))];
    case 'declare':
      if (place === 'function') return [];
      return statement.declarators.map(declarator =>
        entryOf(declarator, declarator.name, place === 'module' ? 'variable' : 'field', '', [], reader),
      );
    case 'block': {
      const header = externHeader(statement, reader.text);
      const children = entriesOf(statement.body, place, reader);
      // Only what a block declares counts; the block itself is named where it says from which header.
      return header === null ? children : [entry(header, 'block', 'cdef extern', children)];
    }
    case 'for':
    case 'with':
    case 'except':
    case 'broken':
      return place === 'function' ? [] : entriesOf(statement.body, place, reader);
    default:
      return [];
  }
}

/** The members of an enum are names only: where they stand is looked for, one after the other. */
function enumEntry(statement: Statement & { readonly kind: 'enum' }, reader: Reader): CythonOutlineEntry {
  const { name, members, start } = statement;
  let at = name === '' ? start + 'enum'.length : nameOffset(reader.text, name, start, reader.text.length) + name.length;
  let end = statement.end;
  const children = members.map(member => {
    at = Math.max(at, nameOffset(reader.text, member, at, reader.text.length));
    const span = { start: at, end: at + member.length };
    at = span.end;
    end = Math.max(end, at);
    return entryOf(span, member, 'enumMember', '', [], reader);
  });
  return entryOf({ start, end }, name === '' ? 'enum' : name, 'enum', name === '' ? '' : 'enum', children, reader);
}

/** `"header.h"` of `cdef extern from "header.h":`, as written; null for any other block. */
export function externHeader(statement: Statement & { readonly kind: 'block' }, text: string): string | null {
  const head = text.slice(statement.start, statement.body[0]?.start ?? statement.end);
  const from = /^cdef\s+(?:public\s+|api\s+)*extern\b(?:\s+from\s+(\*|<[^>\n]*>|(['"])(?:(?!\2).)*\2))?/u.exec(head);
  if (from === null) return null;
  return `extern ${from[1] ?? ''}`.trim();
}

function firstWords(statement: Statement, { text }: Reader, words: RegExp): string {
  const source = text.slice(statement.start, Math.min(statement.end, statement.start + 2000));
  const line = source.split('\n').find(each => words.test(each.trimStart()));
  return words.exec(line?.trimStart() ?? '')?.[0].replace(/\s+/gu, ' ') ?? '';
}

function entryOf(
  { start, end }: { readonly start: number; readonly end: number },
  name: string,
  kind: OutlineKind,
  detail: string,
  children: readonly CythonOutlineEntry[],
  { text, lines }: Reader,
): CythonOutlineEntry {
  const last = Math.max(start, trimmedEnd(text, start, end));
  const at = name === '' ? -1 : nameOffset(text, name, start, last);
  const range = lines.range(start, last);
  const selectionRange = at < 0 ? lines.range(start, start) : lines.range(at, at + name.length);
  // A client refuses an entry without a name.
  return { name: name === '' ? '…' : name, detail, kind, range, selectionRange, children };
}

function nameOffset(text: string, name: string, start: number, end: number): number {
  for (let at = text.indexOf(name, start); at >= 0 && at < end; at = text.indexOf(name, at + 1)) {
    if (!/[\w]/u.test(text[at - 1] ?? '') && !/[\w]/u.test(text[at + name.length] ?? '')) return at;
  }
  return -1;
}

/** The end of a statement with all that stands below its header. */
function wholeEnd(statement: Statement): number {
  const last = 'body' in statement ? statement.body.at(-1) : undefined;
  return last === undefined ? statement.end : Math.max(statement.end, wholeEnd(last));
}

/** Without the blank lines that stand before the next statement. */
function trimmedEnd(text: string, start: number, end: number): number {
  let last = end;
  while (last > start && /\s/u.test(text[last - 1] ?? '')) last -= 1;
  return last;
}
