/** Kinds of token; `broken` is a string without its end or a character that begins nothing. */
export type TokenKind = 'name' | 'number' | 'string' | 'operator' | 'newline' | 'end' | 'broken';

export interface Token {
  readonly kind: TokenKind;
  /** The token as written; of a string, its prefix and quotes too. */
  readonly text: string;
  readonly start: number;
  readonly end: number;
  /** Columns of the line's indentation (a tab goes to the next multiple of 8) where a logical line begins here, else -1. */
  readonly indent: number;
}

export interface Comment {
  readonly start: number;
  readonly end: number;
}

export interface TokenList {
  readonly tokens: readonly Token[];
  readonly comments: readonly Comment[];
}

const space = /[ \t\f]*/uy;
const name = /[\p{ID_Start}_][\p{ID_Continue}]*/uy;
const number =
  /0[xX][0-9a-fA-F_]+[uUlL]*|0[oObB][0-7_]+[uUlL]*|(?:[0-9][0-9_]*\.?(?:[0-9][0-9_]*)?|\.[0-9][0-9_]*)(?:[eE][+-]?[0-9_]+)?[uUlLjJ]*/uy;
const stringStart = /([a-zA-Z]{0,3})("""|'''|"|')/uy;
const operator =
  /\*\*=|\/\/=|<<=|>>=|\.\.\.|\*\*|\/\/|<<|>>|<=|>=|==|!=|->|:=|\+=|-=|\*=|\/=|%=|@=|&=|\|=|\^=|[-+*/%@&|^~<>()[\]{},:.;=?!`$]/uy;

/**
 * A line inside brackets that begins with one of these cannot go on with the expression: the bracket is not closed yet,
 * which is how code looks while it is typed. All are reserved words of Cython.
 */
const statementWords = new Set(
  (
    'assert break cdef cimport class continue cpdef ctypedef def del except finally global import nonlocal pass raise ' +
    'return try while with'
  ).split(' '),
);

/**
 * Cython's tokens (Cython.Compiler.Lexicon), from any text: what cannot be read becomes a `broken` token. An f-string is one
 * string token. Time is linear in the text.
 */
export function tokenize(text: string): TokenList {
  const tokens: Token[] = [];
  const comments: Comment[] = [];
  let at = text.charCodeAt(0) === 0xfeff ? 1 : 0;
  let brackets = 0;
  let indent = 0;
  let lineBegins = true;

  const add = (kind: TokenKind, start: number, end: number): void => {
    tokens.push({ kind, text: text.slice(start, end), start, end, indent: lineBegins ? indent : -1 });
    lineBegins = false;
  };
  const endLine = (offset: number): void => {
    if (!lineBegins) tokens.push({ kind: 'newline', text: '', start: offset, end: offset, indent: -1 });
    lineBegins = true;
    brackets = 0;
  };

  let physicalLineBegins = true;
  while (at < text.length) {
    const afterSpace = matchEnd(space, text, at);
    if (lineBegins && physicalLineBegins) indent = columnsOf(text, at, afterSpace);
    at = afterSpace;
    const unit = text[at];
    if (unit === undefined) break;
    if (unit === '#') {
      const end = endOfLine(text, at);
      comments.push({ start: at, end });
      at = end;
      continue;
    }
    if (unit === '\n' || unit === '\r') {
      if (brackets === 0) endLine(at);
      at += lineBreakLength(text, at);
      physicalLineBegins = true;
      continue;
    }
    if (unit === '\\' && (text[at + 1] === '\n' || text[at + 1] === '\r')) {
      at += 1 + lineBreakLength(text, at + 1);
      // Joined to the line before: its own indentation says nothing.
      physicalLineBegins = false;
      continue;
    }
    stringStart.lastIndex = at;
    const opening = stringStart.exec(text);
    if (opening !== null) {
      const { end, closed } = stringEnd(text, at + opening[0].length, opening[2] ?? '"');
      add(closed ? 'string' : 'broken', at, end);
      at = end;
      physicalLineBegins = false;
      continue;
    }
    const nameEnd = matchEnd(name, text, at);
    if (nameEnd > at) {
      if (brackets > 0 && physicalLineBegins && statementWords.has(text.slice(at, nameEnd))) {
        endLine(at);
        indent = columnsOf(text, startOfLine(text, at), at);
      }
      add('name', at, nameEnd);
      at = nameEnd;
      physicalLineBegins = false;
      continue;
    }
    physicalLineBegins = false;
    const numberEnd = matchEnd(number, text, at);
    if (numberEnd > at) {
      add('number', at, numberEnd);
      at = numberEnd;
      continue;
    }
    const operatorEnd = matchEnd(operator, text, at);
    if (operatorEnd > at) {
      if ('([{'.includes(unit)) brackets += 1;
      else if (')]}'.includes(unit) && brackets > 0) brackets -= 1;
      add('operator', at, operatorEnd);
      at = operatorEnd;
      continue;
    }
    const width = (text.codePointAt(at) ?? 0) > 0xffff ? 2 : 1;
    add('broken', at, at + width);
    at += width;
  }
  endLine(text.length);
  indent = 0;
  add('end', text.length, text.length);
  return { tokens, comments };
}

function matchEnd(pattern: RegExp, text: string, at: number): number {
  pattern.lastIndex = at;
  return pattern.test(text) ? pattern.lastIndex : at;
}

function columnsOf(text: string, start: number, end: number): number {
  let columns = 0;
  for (let at = start; at < end; at += 1) {
    if (text[at] === '\t') columns = (columns | 7) + 1;
    else if (text[at] === '\f') columns = 0;
    else columns += 1;
  }
  return columns;
}

function lineBreakLength(text: string, at: number): number {
  return text[at] === '\r' && text[at + 1] === '\n' ? 2 : 1;
}

function endOfLine(text: string, from: number): number {
  let at = from;
  while (at < text.length && text[at] !== '\n' && text[at] !== '\r') at += 1;
  return at;
}

function startOfLine(text: string, from: number): number {
  let at = from;
  while (at > 0 && text[at - 1] !== '\n' && text[at - 1] !== '\r') at -= 1;
  return at;
}

/** Even in a raw string a backslash keeps the quote after it from ending the string. */
function stringEnd(text: string, from: number, quote: string): { readonly end: number; readonly closed: boolean } {
  const isLong = quote.length === 3;
  for (let at = from; at < text.length; at += 1) {
    const unit = text[at];
    if (unit === '\\') {
      at += lineBreakLength(text, at + 1);
    } else if (!isLong && (unit === '\n' || unit === '\r')) {
      return { end: at, closed: false };
    } else if (unit === quote[0] && text.startsWith(quote, at)) {
      return { end: at + quote.length, closed: true };
    }
  }
  return { end: text.length, closed: false };
}
