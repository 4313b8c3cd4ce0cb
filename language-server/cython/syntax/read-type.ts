import { type Cursor, SyntaxFailure } from './cursor.ts';
import type { Declarator, TypeSyntax, Wrapper } from './syntax.ts';

const basicWords = new Set('void char int float double bint short long signed unsigned'.split(' '));
const standaloneBasics = new Set(
  'Py_UNICODE Py_UCS4 Py_hash_t Py_ssize_t ssize_t size_t ptrdiff_t Py_tss_t'.split(' '),
);
const signWords = new Set('short long signed unsigned'.split(' '));
const callingConventions = new Set(['__stdcall', '__cdecl', '__fastcall']);

/** Whether a word begins a C type whatever follows it (Cython.Compiler.Parsing.base_type_start_words). */
export function beginsBasicType(word: string): boolean {
  return basicWords.has(word) || standaloneBasics.has(word);
}

/** A base type: `const unsigned long`, `np.ndarray[double, ndim=2]`, `vector[int]`, `double[:, ::1]`, `(int, int)`. */
export function readBaseType(cursor: Cursor): TypeSyntax {
  const { start } = cursor.token;
  let isConst = false;
  while (cursor.at('const') || cursor.at('volatile')) {
    isConst = true;
    cursor.advance();
  }
  const bare = {
    start,
    isConst,
    brackets: 'none',
    isContiguous: false,
    arguments: [],
    dimensions: 0,
    wrappers: [],
    isTuple: false,
  } as const;
  if (cursor.at('(')) return { ...bare, ...readTupleType(cursor), name: '', isBasic: false, isTuple: true };
  const basic = readBasicName(cursor);
  const name = basic ?? readDottedName(cursor);
  const base: TypeSyntax = { ...bare, name, isBasic: basic !== null, end: cursor.previousEnd };
  return cursor.at('[') && !cursor.at(']', 1) ? readBrackets(cursor, base) : base;
}

function readTupleType(cursor: Cursor): { readonly arguments: readonly TypeSyntax[]; readonly end: number } {
  cursor.expect('(');
  const items: TypeSyntax[] = [];
  while (!cursor.at(')')) {
    items.push(cursor.nested(() => readAbstractType(cursor)));
    if (!cursor.accept(',')) break;
  }
  cursor.expect(')');
  return { arguments: items, end: cursor.previousEnd };
}

function readBasicName(cursor: Cursor): string | null {
  const { token } = cursor;
  if (token.kind !== 'name') return null;
  if (standaloneBasics.has(token.text)) return cursor.advance().text;
  if (token.text === 'struct' || token.text === 'union' || token.text === 'enum') {
    cursor.advance();
    return null;
  }
  if (!basicWords.has(token.text) && token.text !== 'complex') return null;
  const words: string[] = [];
  while (cursor.token.kind === 'name' && signWords.has(cursor.token.text)) words.push(cursor.advance().text);
  if (cursor.token.kind === 'name' && basicWords.has(cursor.token.text) && !signWords.has(cursor.token.text)) {
    words.push(cursor.advance().text);
  }
  if (words.length > 0 && cursor.at('complex')) words.push(cursor.advance().text);
  return words.length === 0 ? null : words.join(' ');
}

function readDottedName(cursor: Cursor): string {
  const parts = [cursor.expectName()];
  while (cursor.at('.') && cursor.peek(1).kind === 'name') {
    cursor.advance();
    parts.push(cursor.expectName());
  }
  return parts.join('.');
}

/** `[…]` after a type's name: a buffer, a template, a memoryview, or the length of an array (`int[3] x`). */
function readBrackets(cursor: Cursor, base: TypeSyntax): TypeSyntax {
  const first = cursor.peek(1);
  if (first.kind === 'number' && cursor.at(']', 2)) {
    skipBracketed(cursor);
    const array: TypeSyntax = { ...base, wrappers: [...base.wrappers, 'array'], end: cursor.previousEnd };
    return cursor.at('[') ? readBrackets(cursor, array) : array;
  }
  cursor.expect('[');
  if (first.text === ':' || (first.kind === 'number' && cursor.at(':', 2))) {
    const dimensions = skipMemoryviewAxes(cursor);
    return { ...base, brackets: 'memoryview', dimensions, end: cursor.previousEnd };
  }
  const { items, dimensions, isContiguous } = readTypeArguments(cursor);
  const end = cursor.previousEnd;
  const result: TypeSyntax = { ...base, brackets: 'arguments', arguments: items, dimensions, isContiguous, end };
  return cursor.at('.') && cursor.peek(1).kind === 'name' ? readNestedName(cursor, result) : result;
}

/** What stands in the brackets of a template or a buffer, past the closing one. */
function readTypeArguments(cursor: Cursor): Pick<TypeSyntax, 'dimensions' | 'isContiguous'> & {
  readonly items: readonly TypeSyntax[];
} {
  const items: TypeSyntax[] = [];
  let dimensions = 1;
  let isContiguous = false;
  while (!cursor.at(']')) {
    const { kind } = cursor.token;
    if (kind === 'name' && cursor.at('=', 1)) {
      const key = cursor.expectName();
      cursor.expect('=');
      const value = cursor.token;
      if (key === 'dtype' && value.kind === 'name') items.unshift(cursor.nested(() => readAbstractType(cursor)));
      else skipValue(cursor);
      if (key === 'ndim') dimensions = Number(value.text) || 0;
      else if (key === 'mode') isContiguous = /c|fortran/u.test(value.text);
    } else if (kind === 'number' || kind === 'string') {
      skipValue(cursor);
    } else if (!cursor.accept('...')) {
      // `...` is how many, of `tuple[int, ...]`.
      items.push(cursor.nested(() => readAbstractType(cursor)));
    }
    if (!cursor.accept(',')) break;
  }
  cursor.expect(']');
  return { items, dimensions, isContiguous };
}

/** `vector[int].iterator`: a type inside a template. */
function readNestedName(cursor: Cursor, base: TypeSyntax): TypeSyntax {
  let { name } = base;
  while (cursor.accept('.')) name += `[].${cursor.expectName()}`;
  return { ...base, name, end: cursor.previousEnd };
}

function skipMemoryviewAxes(cursor: Cursor): number {
  let dimensions = 1;
  let depth = 0;
  for (;;) {
    const { token } = cursor;
    if (cursor.atLineEnd) throw new SyntaxFailure('Expected ]');
    cursor.advance();
    if (token.kind !== 'operator') continue;
    if (token.text === '[') depth += 1;
    else if (token.text === ']' && depth === 0) return dimensions;
    else if (token.text === ']') depth -= 1;
    else if (token.text === ',' && depth === 0) dimensions += 1;
  }
}

/** A type without a name, as in a cast, a template or `sizeof`: `void*`, `int (*)(int)`, `const char[3]`. */
export function readAbstractType(cursor: Cursor): TypeSyntax {
  return readDeclarator(cursor, readBaseType(cursor)).type;
}

/** The rest of a declaration after its base type: `*a[3]`, `(*callback)(int)`, or nothing. Its name may be empty. */
export function readDeclarator(cursor: Cursor, base: TypeSyntax): Declarator {
  const { start } = cursor.token;
  const wrappers: Wrapper[] = [];
  const name = readWrapped(cursor, wrappers);
  const type = { ...base, wrappers: [...base.wrappers, ...wrappers], end: Math.max(base.end, cursor.previousEnd) };
  return { name, type, value: null, start, end: cursor.previousEnd };
}

/** C's declarators read inside out: prefixes bind the base first, then suffixes, then what stands in parentheses. */
function readWrapped(cursor: Cursor, wrappers: Wrapper[]): string {
  return cursor.nested(() => {
    while (cursor.token.kind === 'name' && callingConventions.has(cursor.token.text)) cursor.advance();
    while (readPrefix(cursor, wrappers)) {
      // One `*` or `&` after the other.
    }
    const inner: Wrapper[] = [];
    const name = readDeclaredName(cursor, inner);
    // The name in C: `int size "c_size"`.
    if (name !== '' && cursor.atString) cursor.advance();
    const suffixes = readSuffixes(cursor);
    wrappers.push(...suffixes.reverse(), ...inner);
    return name;
  });
}

/** `*`, `**`, `&` or `const` before a declared name; false where none stands here. */
export function readPrefix(cursor: Cursor, wrappers: Wrapper[]): boolean {
  if (cursor.accept('*')) wrappers.push('pointer');
  else if (cursor.accept('**')) wrappers.push('pointer', 'pointer');
  else if (cursor.accept('&')) wrappers.push('reference');
  else return cursor.accept('const') || cursor.accept('volatile');
  return true;
}

function readDeclaredName(cursor: Cursor, inner: Wrapper[]): string {
  if (cursor.at('(') && isInnerDeclarator(cursor)) {
    cursor.advance();
    const name = readWrapped(cursor, inner);
    cursor.expect(')');
    return name;
  }
  if (cursor.token.kind !== 'name' || isDeclaratorEnd(cursor)) return '';
  const name = cursor.expectName();
  if (name === 'operator') skipOperatorName(cursor);
  return name;
}

/** A word that goes on after a declarator without a name; before a comma it is the name. */
function isDeclaratorEnd(cursor: Cursor): boolean {
  if ([',', ')', '='].some(text => cursor.at(text, 1))) return false;
  return ['not', 'or', 'and', 'except', 'nogil', 'noexcept', 'with', 'if', 'in', 'from', 'import', 'cimport'].includes(
    cursor.token.text,
  );
}

/** What stands after `operator` in the name of a C++ method: `+`, `()`, `[]`, `bool`. */
export function skipOperatorName(cursor: Cursor): void {
  if (cursor.accept('(')) cursor.expect(')');
  else if (cursor.accept('[')) cursor.expect(']');
  else while (!cursor.at('(') && !cursor.atLineEnd) cursor.advance();
}

function isInnerDeclarator(cursor: Cursor): boolean {
  const next = cursor.peek(1);
  return next.text === '*' || next.text === '**' || next.text === '&' || callingConventions.has(next.text);
}

/** `[3]` and `(int, char*) except -1`; nearest to the name first. */
function readSuffixes(cursor: Cursor): Wrapper[] {
  const suffixes: Wrapper[] = [];
  for (;;) {
    if (cursor.at('[')) {
      skipBracketed(cursor);
      suffixes.push('array');
    } else if (cursor.at('(') && !isCallOfParent(cursor)) {
      skipBracketed(cursor);
      skipExceptionClause(cursor);
      suffixes.push('function');
    } else {
      return suffixes;
    }
  }
}

/** A function's own parameter list is read by its statement. */
function isCallOfParent(cursor: Cursor): boolean {
  return cursor.at('(') && (cursor.at('*', 1) || cursor.at('**', 1)) && cursor.at(')', 2);
}

/** From an opening bracket past the one that closes it. */
export function skipBracketed(cursor: Cursor): void {
  let depth = 0;
  do {
    if (cursor.atLineEnd) throw new SyntaxFailure('Expected a closing bracket');
    const { kind, text } = cursor.advance();
    if (kind !== 'operator') continue;
    if (text === '(' || text === '[' || text === '{') depth += 1;
    else if (text === ')' || text === ']' || text === '}') depth -= 1;
  } while (depth > 0);
}

/** `except -1`, `except? NULL`, `except *`, `except +`, `noexcept`, `nogil`, `with gil` after a function's parameters. */
export function skipExceptionClause(cursor: Cursor): void {
  for (;;) {
    if (cursor.accept('nogil') || cursor.accept('noexcept') || cursor.accept('const')) continue;
    if (cursor.at('with') && (cursor.at('gil', 1) || cursor.at('nogil', 1))) {
      cursor.advance();
      cursor.advance();
    } else if (cursor.accept('except')) {
      skipExceptionValue(cursor);
    } else {
      return;
    }
  }
}

function skipExceptionValue(cursor: Cursor): void {
  if (cursor.accept('*')) return;
  if (cursor.accept('+')) {
    skipValue(cursor);
    return;
  }
  cursor.accept('?');
  skipValue(cursor);
}

/** A value whose meaning no type hangs on, up to what ends it on its own level. */
function skipValue(cursor: Cursor): void {
  let depth = 0;
  while (!cursor.atLineEnd) {
    const { kind, text } = cursor.token;
    if (kind === 'operator') {
      if (depth === 0 && [')', ']', '}', ',', ':', '='].includes(text)) return;
      if (text === '(' || text === '[' || text === '{') depth += 1;
      else if (text === ')' || text === ']' || text === '}') depth -= 1;
    } else if (depth === 0 && kind === 'name' && (text === 'nogil' || text === 'with')) {
      return;
    }
    cursor.advance();
  }
}
