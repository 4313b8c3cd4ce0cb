import { type Cursor, SyntaxFailure } from './cursor.ts';
import { readExpression } from './read-expression.ts';
import {
  beginsBasicType,
  readAbstractType,
  readBaseType,
  readDeclarator,
  readPrefix,
  skipExceptionClause,
  skipOperatorName,
} from './read-type.ts';
import type { Argument, Declarator, Expression, Parameter, Statement, TypeSyntax, Wrapper } from './syntax.ts';

/** How the lines of a body read: as code, as declarations without `cdef` before each, or as types alone. */
export type BodyMode = 'code' | 'declarations' | 'types';

/** Reads the body of a compound statement; without a mode, its lines read as those around it. */
export type BodyReader = (mode?: BodyMode) => readonly Statement[];

/** A `def`, `class`, `cdef`, `cpdef` or `ctypedef` statement; null where none stands here. Throws SyntaxFailure. */
export function readDefinition(
  cursor: Cursor,
  decorators: readonly Expression[],
  readBody: BodyReader,
): Statement | null {
  if (cursor.at('async') && cursor.at('def', 1)) cursor.advance();
  if (cursor.at('def') && cursor.peek(1).kind === 'name') return readDef(cursor, decorators, readBody);
  if (cursor.at('class')) return readClass(cursor, decorators, false, readBody);
  if (cursor.at('cdef') || cursor.at('cpdef')) return readCdef(cursor, decorators, readBody);
  if (cursor.at('property') && cursor.peek(1).kind === 'name') return readProperty(cursor, readBody);
  if (cursor.at('ctypedef')) return readTypedef(cursor, readBody);
  return null;
}

/** `property name:` of an extension type, with `__get__` and the like in its body. */
function readProperty(cursor: Cursor, readBody: BodyReader): Statement {
  const { start } = cursor.advance();
  const name = cursor.expectName();
  cursor.expect(':');
  const end = cursor.previousEnd;
  return { kind: 'property', name, body: readBody('code'), start, end };
}

function readDef(cursor: Cursor, decorators: readonly Expression[], readBody: BodyReader): Statement {
  const { start } = cursor.advance();
  const name = cursor.expectName();
  const parameters = readParameters(cursor, 'def');
  skipExceptionClause(cursor);
  const annotation = cursor.accept('->') ? readExpression(cursor) : null;
  skipExceptionClause(cursor);
  const isForward = !cursor.at(':');
  if (!isForward) cursor.expect(':');
  const end = cursor.previousEnd;
  const body = isForward ? [] : readBody('code');
  const result = null;
  return {
    kind: 'function',
    name,
    isC: false,
    isForward,
    result,
    annotation,
    parameters,
    decorators,
    body,
    start,
    end,
  };
}

function readClass(cursor: Cursor, decorators: readonly Expression[], isC: boolean, readBody: BodyReader): Statement {
  const { start } = cursor.advance();
  let name = cursor.expectName();
  while (cursor.accept('.')) name = cursor.expectName();
  const bases: Expression[] = [];
  if (cursor.accept('(')) {
    while (!cursor.at(')')) {
      cursor.accept('**');
      cursor.accept('*');
      const argument: Argument = { name: null, value: readExpression(cursor) };
      if (cursor.accept('=')) readExpression(cursor);
      else bases.push(argument.value);
      if (!cursor.accept(',')) break;
    }
    cursor.expect(')');
  }
  if (isC) skipClassOptions(cursor);
  const isForward = !cursor.at(':');
  if (!isForward) cursor.expect(':');
  const end = cursor.previousEnd;
  const body = isForward ? [] : readBody('code');
  return { kind: 'class', name, isC, isForward, bases, decorators, body, start, end };
}

/** `[object PyFoo, type PyFoo_Type, check_size ignore]`: names for C only. */
function skipClassOptions(cursor: Cursor): void {
  if (!cursor.accept('[')) return;
  while (!cursor.at(']')) {
    if (cursor.atLineEnd) throw new SyntaxFailure('Expected ]');
    cursor.advance();
  }
  cursor.expect(']');
}

/** A line of a `cdef extern`, `cdef:` or `struct` block: a declaration, with or without its `cdef`. */
export function readDeclarationLine(
  cursor: Cursor,
  decorators: readonly Expression[],
  readBody: BodyReader,
): Statement {
  const { start } = cursor.token;
  const definition = readDefinition(cursor, decorators, readBody);
  if (definition !== null) return definition;
  skipModifiers(cursor);
  if (cursor.at('class')) return readClass(cursor, decorators, true, readBody);
  return readRecord(cursor, start, readBody) ?? readDeclaration(cursor, start, decorators, readBody);
}

const modifiers = new Set(['public', 'readonly', 'api', 'inline', 'extern', 'packed']);

function readCdef(cursor: Cursor, decorators: readonly Expression[], readBody: BodyReader): Statement {
  const { start } = cursor.advance();
  const seen = skipModifiers(cursor);
  if (seen.has('extern') && cursor.accept('from')) return readExtern(cursor, start, readBody);
  if (cursor.at('nogil') && cursor.at(':', 1)) cursor.advance();
  if (cursor.accept(':')) {
    const end = cursor.previousEnd;
    return { kind: 'block', word: 'cdef', expressions: [], body: readBody('declarations'), start, end };
  }
  if (cursor.at('class')) return readClass(cursor, decorators, true, readBody);
  if (cursor.at('fused') && cursor.at(':', 2)) return readFused(cursor, start, readBody);
  if (cursor.at('import') || cursor.at('cimport')) throw new SyntaxFailure('Expected a declaration');
  return readRecord(cursor, start, readBody) ?? readDeclaration(cursor, start, decorators, readBody);
}

function skipModifiers(cursor: Cursor): ReadonlySet<string> {
  const seen = new Set<string>();
  while (cursor.token.kind === 'name' && modifiers.has(cursor.token.text)) {
    const next = cursor.peek(1);
    if (next.kind !== 'name' && next.text !== '(' && next.text !== ':' && next.kind !== 'string') break;
    seen.add(cursor.advance().text);
  }
  return seen;
}

function readExtern(cursor: Cursor, start: number, readBody: BodyReader): Statement {
  while (!cursor.at(':')) {
    if (cursor.atLineEnd) throw new SyntaxFailure('Expected :');
    cursor.advance();
  }
  cursor.expect(':');
  const end = cursor.previousEnd;
  return { kind: 'block', word: 'cdef', expressions: [], body: readBody('declarations'), start, end };
}

/** `struct Name:`, `union Name:`, `enum Name:`, `enum class Name(int):`, `cppclass Name[T](Base):`, or a forward one. */
function readRecord(cursor: Cursor, start: number, readBody: BodyReader): Statement | null {
  const { text } = cursor.token;
  if (!['struct', 'union', 'enum', 'cppclass'].includes(text)) return null;
  const from = cursor.index;
  cursor.advance();
  // `enum class Name`, of C++.
  if (text === 'enum' && !cursor.accept('class')) cursor.accept('struct');
  let name = cursor.token.kind === 'name' ? cursor.expectName() : '';
  while (cursor.accept('.')) name = cursor.expectName();
  if (cursor.token.kind === 'string') cursor.advance();
  const templates = cursor.at('[') ? readTemplateNames(cursor) : [];
  if (cursor.at('(')) skipTo(cursor, new Set([':']));
  cursor.accept('nogil');
  if (text === 'enum') return readEnum(cursor, start, from, name);
  if (cursor.atLineEnd)
    return {
      kind: 'record',
      record: text as 'struct',
      name,
      templates,
      body: [],
      isForward: true,
      start,
      end: cursor.previousEnd,
    };
  if (!cursor.accept(':')) {
    // `cdef struct Point p` or the like: a declaration that repeats the word.
    cursor.rewind(from);
    return null;
  }
  const end = cursor.previousEnd;
  return {
    kind: 'record',
    record: text as 'struct',
    name,
    templates,
    body: readBody('declarations'),
    isForward: false,
    start,
    end,
  };
}

/** `[T, U=*]` behind the name of a C++ class. */
function readTemplateNames(cursor: Cursor): readonly string[] {
  const names: string[] = [];
  cursor.expect('[');
  while (!cursor.at(']')) {
    if (cursor.atLineEnd) throw new SyntaxFailure('Expected ]');
    const { kind, text } = cursor.advance();
    if (kind === 'name') names.push(text);
  }
  cursor.expect(']');
  return names;
}

/** To one of these words outside all brackets, or the end of the line. */
function skipTo(cursor: Cursor, stops: ReadonlySet<string>): void {
  let depth = 0;
  while (!cursor.atLineEnd) {
    const { text } = cursor.token;
    if (depth === 0 && stops.has(text)) return;
    if (text === '[' || text === '(') depth += 1;
    else if (text === ']' || text === ')') depth -= 1;
    cursor.advance();
  }
}

function readEnum(cursor: Cursor, start: number, from: number, name: string): Statement | null {
  if (cursor.atLineEnd) return { kind: 'enum', name, members: [], start, end: cursor.previousEnd };
  if (!cursor.accept(':')) {
    cursor.rewind(from);
    return null;
  }
  // Members stand one a line or with commas between; the caller reads the lines as statements of names.
  return { kind: 'enum', name, members: ['*'], start, end: cursor.previousEnd };
}

/** Variables or a function: `cdef int a, *b = NULL`, `cdef inline object f(x) except *:`. */
function readDeclaration(
  cursor: Cursor,
  start: number,
  decorators: readonly Expression[],
  readBody: BodyReader,
): Statement {
  const base = readDeclaredBase(cursor);
  const declarators: Declarator[] = [];
  do {
    if (declarators.length > 0 && cursor.atLineEnd) break;
    const at = cursor.index;
    const declarator = readDeclarator(cursor, base);
    if (declarator.type.wrappers.at(-1) === 'function' && declarator.name !== '') {
      return readCFunction(cursor, start, at, base, decorators, readBody);
    }
    if (declarator.name === '') throw new SyntaxFailure('Expected a name');
    const value = cursor.accept('=') ? readExpression(cursor) : null;
    declarators.push({ ...declarator, value });
  } while (cursor.accept(','));
  return { kind: 'declare', declarators, start, end: cursor.previousEnd };
}

/** The base type, or none where the name itself follows (`cdef x`, `cdef f(a):`). */
function readDeclaredBase(cursor: Cursor): TypeSyntax {
  const { kind, text, start } = cursor.token;
  const next = cursor.peek(1);
  const isNameAlone =
    kind === 'name' &&
    !beginsBasicType(text) &&
    text !== 'const' &&
    (next.kind === 'newline' ||
      next.kind === 'end' ||
      next.text === '=' ||
      next.text === ',' ||
      (next.text === '(' && !isPointerAhead(cursor)));
  return isNameAlone ? untyped(start) : readBaseType(cursor);
}

/** `cdef foo (*bar)(int)`: a function pointer whose result is a `foo`. */
function isPointerAhead(cursor: Cursor): boolean {
  return cursor.peek(2).text === '*' || cursor.peek(2).text === '**';
}

export function untyped(start: number): TypeSyntax {
  return {
    name: '',
    isBasic: false,
    isConst: false,
    brackets: 'none',
    isContiguous: false,
    arguments: [],
    dimensions: 0,
    wrappers: [],
    isTuple: false,
    start,
    end: start,
  };
}

/** The declarator is read once more: its wrappers before the name are the result's, its parameters are the function's. */
function readCFunction(
  cursor: Cursor,
  start: number,
  from: number,
  base: TypeSyntax,
  decorators: readonly Expression[],
  readBody: BodyReader,
): Statement {
  cursor.rewind(from);
  const { name, wrappers } = readFunctionName(cursor);
  const parameters = readParameters(cursor, 'cdef');
  skipExceptionClause(cursor);
  const annotation = cursor.accept('->') ? readExpression(cursor) : null;
  const isForward = !cursor.accept(':');
  const end = cursor.previousEnd;
  if (isForward) skipForwardEnd(cursor);
  const body = isForward ? [] : readBody('code');
  const result = { ...base, wrappers: [...base.wrappers, ...wrappers] };
  return { kind: 'function', name, isC: true, isForward, result, annotation, parameters, decorators, body, start, end };
}

/** Up to the parameters: `*name "c_name"`, `operator+`, `name[T]`. */
function readFunctionName(cursor: Cursor): { readonly name: string; readonly wrappers: readonly Wrapper[] } {
  const wrappers: Wrapper[] = [];
  while (!cursor.at('(')) {
    if (readPrefix(cursor, wrappers)) continue;
    if (cursor.accept('operator')) skipOperatorName(cursor);
    else if (cursor.token.kind === 'name' || cursor.token.kind === 'string') cursor.advance();
    else throw new SyntaxFailure('Expected a function');
    if (cursor.at('[')) skipTo(cursor, new Set(['(']));
  }
  const previous = cursor.peek(-1);
  return { name: previous.kind === 'name' ? previous.text : '', wrappers };
}

/** A function that is only declared ends its line; other declarations may follow after a comma. */
function skipForwardEnd(cursor: Cursor): void {
  const goesOn = cursor.at(';') || cursor.at(',') || cursor.token.kind === 'string';
  if (!cursor.atLineEnd && !goesOn) throw new SyntaxFailure('Expected :');
  while (!cursor.atLineEnd && !cursor.at(';')) cursor.advance();
}

function readParameters(cursor: Cursor, style: 'def' | 'cdef'): readonly Parameter[] {
  cursor.expect('(');
  const parameters: Parameter[] = [];
  while (!cursor.at(')')) {
    if (cursor.accept('...') || cursor.accept('/')) {
      if (!cursor.accept(',')) break;
      continue;
    }
    const parameter = readParameter(cursor, style);
    if (parameter !== null) parameters.push(parameter);
    if (!cursor.accept(',')) break;
  }
  cursor.accept('...');
  cursor.expect(')');
  return parameters;
}

function readParameter(cursor: Cursor, style: 'def' | 'cdef'): Parameter | null {
  const { start } = cursor.token;
  const star = cursor.accept('**') ? '**' : cursor.accept('*') ? '*' : '';
  if (star !== '' && cursor.token.kind !== 'name') return null;
  const base = isBareName(cursor) ? untyped(start) : readBaseType(cursor);
  const declarator = readDeclarator(cursor, base);
  const { name } = declarator;
  if (cursor.at('not') && cursor.at('None', 1)) {
    cursor.advance();
    cursor.advance();
  } else if (cursor.accept('or')) {
    cursor.expect('None');
  }
  const annotation = cursor.accept(':') ? readExpression(cursor) : null;
  const value = cursor.accept('=') ? readDefault(cursor) : null;
  const hasType = base.name !== '' || base.isTuple || declarator.type.wrappers.length > 0;
  // `cdef f(int)`: a type alone; of a `def`, the name of the parameter.
  const unnamed = name === '' && style === 'def' && !declarator.type.wrappers.length ? base.name : name;
  return {
    name: unnamed,
    type: hasType && unnamed === name ? declarator.type : null,
    annotation,
    value,
    star,
    start,
    end: cursor.previousEnd,
  };
}

/** `x=*` or `x=?` in a `.pxd` says that there is a default. */
function readDefault(cursor: Cursor): Expression | null {
  if (cursor.accept('*') || cursor.accept('?')) return null;
  return readExpression(cursor);
}

function isBareName(cursor: Cursor): boolean {
  const { kind, text } = cursor.token;
  if (kind !== 'name' || beginsBasicType(text) || text === 'const') return false;
  const next = cursor.peek(1);
  if (next.kind === 'operator') return [',', ')', '=', ':'].includes(next.text);
  return next.kind === 'name' && (next.text === 'not' || next.text === 'or');
}

/** `fused number:`, whose body lists the types that it may be. */
function readFused(cursor: Cursor, start: number, readBody: BodyReader): Statement {
  cursor.advance();
  const name = cursor.expectName();
  cursor.expect(':');
  const types = readBody('types').flatMap(line =>
    line.kind === 'declare' ? line.declarators.map(each => each.type) : [],
  );
  return { kind: 'fused', name, types, start, end: cursor.previousEnd };
}

/** A line of a fused type's body: `double`, `np.float32_t`, `int*`. */
export function readTypeLine(cursor: Cursor): Statement {
  const { start } = cursor.token;
  const type = readAbstractType(cursor);
  const end = cursor.previousEnd;
  return { kind: 'declare', declarators: [{ name: '', type, value: null, start, end }], start, end };
}

/** `ctypedef unsigned long word`, `ctypedef struct Point:`, `ctypedef fused number:`, `ctypedef class m.C [object O]:`. */
function readTypedef(cursor: Cursor, readBody: BodyReader): Statement {
  const { start } = cursor.advance();
  skipModifiers(cursor);
  if (cursor.at('class')) return readClass(cursor, [], true, readBody);
  if (cursor.at('fused') && cursor.peek(1).kind === 'name') return readFused(cursor, start, readBody);
  const record = readRecord(cursor, start, readBody);
  if (record !== null) return { kind: 'typedef', declarators: [], record, start, end: record.end };
  const base = readBaseType(cursor);
  const declarators: Declarator[] = [];
  do {
    const declarator = readDeclarator(cursor, base);
    if (cursor.token.kind === 'string') cursor.advance();
    declarators.push(declarator);
  } while (cursor.accept(','));
  return { kind: 'typedef', declarators, record: null, start, end: cursor.previousEnd };
}
