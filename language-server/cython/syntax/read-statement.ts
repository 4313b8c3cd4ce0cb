import { type Cursor, SyntaxFailure } from './cursor.ts';
import { type BodyReader, readDefinition } from './read-definition.ts';
import { readExpression, readExpressions, readTarget } from './read-expression.ts';
import type { Expression, ImportedName, Statement, WithItem } from './syntax.ts';

/** One statement from its first token; throws SyntaxFailure where it cannot be read. */
export function readStatement(cursor: Cursor, readBody: BodyReader): Statement {
  const { kind, text } = cursor.token;
  if (kind === 'operator' && text === '@') throw new SyntaxFailure('A decorator alone');
  const reader = kind === 'name' && Object.hasOwn(keywordReaders, text) ? keywordReaders[text] : undefined;
  const statement = reader?.(cursor, readBody) ?? readDefinition(cursor, [], readBody);
  return statement ?? readExpressionStatement(cursor);
}

type KeywordReader = (cursor: Cursor, readBody: BodyReader) => Statement | null;

const keywordReaders: Readonly<Record<string, KeywordReader>> = {
  if: readBlock,
  elif: readBlock,
  else: readBlock,
  while: readBlock,
  try: readBlock,
  finally: readBlock,
  IF: readBlock,
  ELIF: readBlock,
  ELSE: readBlock,
  for: readFor,
  with: readWith,
  except: readExcept,
  import: readImport,
  cimport: readImport,
  from: readFrom,
  include: readInclude,
  global: readScope,
  nonlocal: readScope,
  DEF: readConstant,
  return: readWord,
  raise: readWord,
  assert: readWord,
  del: readWord,
  pass: readWord,
  break: readWord,
  continue: readWord,
  print: readPrint,
  exec: readPrint,
  async: (cursor, readBody) => {
    if (!cursor.at('for', 1) && !cursor.at('with', 1)) return null;
    cursor.advance();
    return readStatement(cursor, readBody);
  },
};

function readBlock(cursor: Cursor, readBody: BodyReader): Statement {
  const { start, text: word } = cursor.advance();
  const expressions = cursor.at(':') ? [] : [readExpressions(cursor)];
  cursor.expect(':');
  const end = cursor.previousEnd;
  return { kind: 'block', word, expressions, body: readBody(), start, end };
}

function readFor(cursor: Cursor, readBody: BodyReader): Statement {
  const { start } = cursor.advance();
  const from = cursor.index;
  const target = readTargetOrRange(cursor, from);
  if (cursor.accept('in')) {
    const iterable = readExpressions(cursor);
    cursor.expect(':');
    return { kind: 'for', target, iterable, isRange: false, start, end: cursor.previousEnd, body: readBody() };
  }
  // `for i from 0 <= i < n by 2:`, Pyrex's own loop.
  cursor.expect('from');
  const iterable = readExpression(cursor);
  if (cursor.accept('by')) readExpression(cursor);
  cursor.expect(':');
  return { kind: 'for', target, iterable, isRange: true, start, end: cursor.previousEnd, body: readBody() };
}

function readTargetOrRange(cursor: Cursor, from: number): Expression {
  const target = readTarget(cursor);
  if (cursor.at('in') || cursor.at('from')) return target;
  cursor.rewind(from);
  throw new SyntaxFailure('Expected in');
}

function readWith(cursor: Cursor, readBody: BodyReader): Statement {
  const { start } = cursor.advance();
  const items: WithItem[] = [];
  if (cursor.at('(') && parenthesisEndsItems(cursor)) {
    cursor.advance();
    readWithItems(cursor, items);
    cursor.expect(')');
  } else {
    readWithItems(cursor, items);
  }
  cursor.expect(':');
  const end = cursor.previousEnd;
  return { kind: 'with', items, body: readBody(), start, end };
}

/** `with (open(a) as f, open(b) as g):`: the parenthesis holds `as`, which no expression does. */
function parenthesisEndsItems(cursor: Cursor): boolean {
  let depth = 0;
  for (let distance = 0; distance < 400; distance += 1) {
    const { kind, text } = cursor.peek(distance);
    if (kind === 'newline' || kind === 'end') return false;
    if (kind === 'name' && text === 'as' && depth === 1) return true;
    if (kind !== 'operator') continue;
    if (text === '(' || text === '[' || text === '{') depth += 1;
    else if (text === ')' || text === ']' || text === '}') depth -= 1;
    if (depth === 0) return false;
  }
  return false;
}

function readWithItems(cursor: Cursor, items: WithItem[]): void {
  do {
    if (cursor.at(')')) return;
    const value = readExpression(cursor);
    items.push({ value, target: cursor.accept('as') ? readTarget1(cursor) : null });
  } while (cursor.accept(','));
}

/** A target that a comma does not go on. */
function readTarget1(cursor: Cursor): Expression {
  return readExpression(cursor);
}

function readExcept(cursor: Cursor, readBody: BodyReader): Statement {
  const { start } = cursor.advance();
  cursor.accept('*');
  const expressions = cursor.at(':') ? [] : [readExpression(cursor)];
  const hasName = cursor.accept('as') || cursor.accept(',');
  const name = hasName ? cursor.expectName() : null;
  cursor.expect(':');
  const end = cursor.previousEnd;
  return { kind: 'except', expressions, name, body: readBody(), start, end };
}

function readImport(cursor: Cursor): Statement {
  const { start, text } = cursor.advance();
  const names: ImportedName[] = [];
  do {
    const name = readModuleName(cursor);
    names.push({ name, as: cursor.accept('as') ? cursor.expectName() : '' });
  } while (cursor.accept(','));
  return { kind: 'import', names, isC: text === 'cimport', start, end: cursor.previousEnd };
}

function readModuleName(cursor: Cursor): string {
  let name = '';
  while (cursor.at('.') || cursor.at('...')) name += cursor.advance().text;
  if (cursor.at('import') || cursor.at('cimport')) return name;
  name += cursor.expectName();
  while (cursor.accept('.')) name += `.${cursor.expectName()}`;
  return name;
}

function readFrom(cursor: Cursor): Statement | null {
  const { start } = cursor.advance();
  const module = readModuleName(cursor);
  const isC = cursor.at('cimport');
  if (!isC) cursor.expect('import');
  else cursor.advance();
  const span = (): { start: number; end: number } => ({ start, end: cursor.previousEnd });
  if (cursor.accept('*')) return { kind: 'from', module, names: [], isStar: true, isC, ...span() };
  const isEnclosed = cursor.accept('(');
  const names: ImportedName[] = [];
  while (cursor.token.kind === 'name') {
    const name = cursor.expectName();
    // `from m cimport struct Name` and the like, an old form.
    const imported =
      ['struct', 'union', 'enum', 'class'].includes(name) && cursor.token.kind === 'name' ? cursor.expectName() : name;
    names.push({ name: imported, as: cursor.accept('as') ? cursor.expectName() : imported });
    if (!cursor.accept(',')) break;
  }
  if (isEnclosed) cursor.expect(')');
  return { kind: 'from', module, names, isStar: false, isC, ...span() };
}

function readInclude(cursor: Cursor): Statement | null {
  if (cursor.peek(1).kind !== 'string') return null;
  const { start } = cursor.advance();
  const { text, end } = cursor.advance();
  return { kind: 'include', path: text.replace(/^[a-zA-Z]*["']+|["']+$/gu, ''), start, end };
}

function readScope(cursor: Cursor): Statement {
  const { start, text } = cursor.advance();
  const names = [cursor.expectName()];
  while (cursor.accept(',')) names.push(cursor.expectName());
  return { kind: 'scope', names, which: text === 'global' ? 'global' : 'nonlocal', start, end: cursor.previousEnd };
}

function readConstant(cursor: Cursor): Statement | null {
  if (cursor.peek(1).kind !== 'name' || !cursor.at('=', 2)) return null;
  const { start } = cursor.advance();
  const name = cursor.expectName();
  cursor.expect('=');
  const value = readExpressions(cursor);
  return { kind: 'constant', name, value, start, end: value.end };
}

/** `return x`, `raise x from y`, `assert x, y`, `del x`, `pass`. */
function readWord(cursor: Cursor): Statement {
  const { start, text: word } = cursor.advance();
  const expressions: Expression[] = [];
  while (!cursor.atLineEnd && !cursor.at(';')) {
    expressions.push(readExpressions(cursor));
    if (!cursor.accept('from') && !cursor.accept(',')) break;
  }
  return { kind: 'expressions', word, expressions, start, end: cursor.previousEnd };
}

/** Python 2's `print x` at language level 2; everything else of that name is an expression. */
function readPrint(cursor: Cursor): Statement | null {
  const next = cursor.peek(1);
  if (next.kind !== 'name' && next.kind !== 'string' && next.kind !== 'number' && next.text !== '>>') return null;
  if (next.kind === 'name' && ['in', 'is', 'and', 'or', 'if', 'not'].includes(next.text)) return null;
  const { start } = cursor.advance();
  cursor.accept('>>');
  const value = readExpressions(cursor);
  if (cursor.accept('in')) readExpressions(cursor);
  return { kind: 'expressions', word: 'print', expressions: [value], start, end: cursor.previousEnd };
}

const augmented = new Set(['+=', '-=', '*=', '/=', '//=', '%=', '@=', '&=', '|=', '^=', '<<=', '>>=', '**=']);

function readExpressionStatement(cursor: Cursor): Statement {
  const first = readExpressions(cursor);
  const { start } = first;
  if (cursor.token.kind === 'operator' && augmented.has(cursor.token.text)) {
    const operator = cursor.advance().text;
    const value = readExpressions(cursor);
    return { kind: 'augmented', target: first, operator, value, start, end: value.end };
  }
  if (cursor.accept(':')) {
    const annotation = readExpression(cursor);
    const value = cursor.accept('=') ? readExpressions(cursor) : null;
    return { kind: 'annotated', target: first, annotation, value, start, end: cursor.previousEnd };
  }
  const chain = [first];
  while (cursor.accept('=')) chain.push(readExpressions(cursor));
  const value = chain.pop() ?? first;
  if (chain.length === 0) return { kind: 'expressions', word: '', expressions: [value], start, end: value.end };
  return { kind: 'assign', targets: chain, value, start, end: value.end };
}
