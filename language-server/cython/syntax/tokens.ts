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

/** Characters that begin nothing: together they are one token, so that binary junk is few. */
const unreadable = /[^\s\p{ID_Start}\p{ID_Continue}"'#\\\-+*/%@&|^~<>()[\]{},:.;=?!`$]+/uy;

/** A longer text is no source that a person wrote, and its tokens would take gigabytes. Cython itself needs minutes for a tenth of it. */
export const maximumSourceLength = 8 << 20;

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
 * string token. Time is linear in the text; one beyond {@link maximumSourceLength} has no tokens.
 */
export function tokenize(text: string): TokenList {
  return new Tokenizer(text.length > maximumSourceLength ? '' : text).run();
}

class Tokenizer {
  readonly #text: string;
  readonly #tokens: Token[] = [];
  readonly #comments: Comment[] = [];
  #at: number;
  #brackets = 0;
  #indent = 0;
  #logicalLineBegins = true;
  #physicalLineBegins = true;

  constructor(text: string) {
    this.#text = text;
    this.#at = text.charCodeAt(0) === 0xfeff ? 1 : 0;
  }

  run(): TokenList {
    while (this.#at < this.#text.length) {
      const afterSpace = matchEnd(space, this.#text, this.#at);
      if (this.#logicalLineBegins && this.#physicalLineBegins) {
        this.#indent = columnsOf(this.#text, this.#at, afterSpace);
      }
      this.#at = afterSpace;
      if (this.#at < this.#text.length && !this.#skipBetweenTokens()) this.#readToken();
    }
    this.#endLine(this.#at);
    this.#indent = 0;
    this.#add('end', this.#at);
    return { tokens: this.#tokens, comments: this.#comments };
  }

  /** A comment, the end of a line, or a backslash that joins two lines; false where a token stands. */
  #skipBetweenTokens(): boolean {
    const text = this.#text;
    const at = this.#at;
    const unit = text[at];
    if (unit === '#') {
      this.#at = endOfLine(text, at);
      this.#comments.push({ start: at, end: this.#at });
      return true;
    }
    if (isLineBreak(unit)) {
      if (this.#brackets === 0) this.#endLine(at);
      this.#at += lineBreakLength(text, at);
      this.#physicalLineBegins = true;
      return true;
    }
    if (unit === '\\' && isLineBreak(text[at + 1])) {
      this.#at += 1 + lineBreakLength(text, at + 1);
      // Joined to the line before: its own indentation says nothing.
      this.#physicalLineBegins = false;
      return true;
    }
    return false;
  }

  #readToken(): void {
    const text = this.#text;
    const at = this.#at;
    const opening = stringOpening(text, at);
    const nameEnd = opening === null ? matchEnd(name, text, at) : at;
    if (nameEnd > at) this.#endUnclosed(text.slice(at, nameEnd));
    this.#physicalLineBegins = false;
    if (opening !== null) {
      const { end, closed } = stringEnd(text, opening.end, opening.quote);
      this.#add(closed ? 'string' : 'broken', end);
    } else if (nameEnd > at) {
      this.#add('name', nameEnd);
    } else {
      this.#readNumberOrOperator();
    }
  }

  #readNumberOrOperator(): void {
    const text = this.#text;
    const at = this.#at;
    const numberEnd = matchEnd(number, text, at);
    if (numberEnd > at) {
      this.#add('number', numberEnd);
      return;
    }
    const operatorEnd = matchEnd(operator, text, at);
    if (operatorEnd === at) {
      const junkEnd = matchEnd(unreadable, text, at);
      this.#add('broken', Math.max(junkEnd, at + ((text.codePointAt(at) ?? 0) > 0xffff ? 2 : 1)));
      return;
    }
    const unit = text[at] ?? '';
    if ('([{'.includes(unit)) this.#brackets += 1;
    else if (')]}'.includes(unit) && this.#brackets > 0) this.#brackets -= 1;
    this.#add('operator', operatorEnd);
  }

  /** Ends the line before a statement's word when a bracket of it is still open. */
  #endUnclosed(word: string): void {
    if (this.#brackets === 0 || !this.#physicalLineBegins || !statementWords.has(word)) return;
    this.#endLine(this.#at);
    this.#indent = columnsOf(this.#text, startOfLine(this.#text, this.#at), this.#at);
  }

  #add(kind: TokenKind, end: number): void {
    const start = this.#at;
    const indent = this.#logicalLineBegins ? this.#indent : -1;
    this.#tokens.push({ kind, text: this.#text.slice(start, end), start, end, indent });
    this.#logicalLineBegins = false;
    this.#at = end;
  }

  #endLine(offset: number): void {
    if (!this.#logicalLineBegins) {
      this.#tokens.push({ kind: 'newline', text: '', start: offset, end: offset, indent: -1 });
    }
    this.#logicalLineBegins = true;
    this.#brackets = 0;
  }
}

function stringOpening(text: string, at: number): { readonly end: number; readonly quote: string } | null {
  stringStart.lastIndex = at;
  const opening = stringStart.exec(text);
  return opening === null ? null : { end: at + opening[0].length, quote: opening[2] ?? '"' };
}

function isLineBreak(unit: string | undefined): boolean {
  return unit === '\n' || unit === '\r';
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

/** Offset of the line break at or behind `from`, else the end of the text. */
export function endOfLine(text: string, from: number): number {
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
