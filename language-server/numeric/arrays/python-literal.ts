/**
 * The literals that a header of an .npy file is made of, read as `ast.literal_eval` reads them and nothing more: nothing is
 * evaluated. Numbers are integers.
 */
export type PythonLiteral =
  | null
  | boolean
  | bigint
  | string
  | { readonly kind: 'list' | 'tuple'; readonly items: readonly PythonLiteral[] }
  | { readonly kind: 'dict'; readonly entries: readonly (readonly [key: PythonLiteral, value: PythonLiteral])[] };

/** What is there instead of a literal, and where. */
export class LiteralError extends Error {
  override readonly name = 'LiteralError';
  /** In characters from the start of the text. */
  readonly at: number;

  constructor(message: string, at: number) {
    super(message);
    this.at = at;
  }
}

/** Deeper than any dtype; a hostile text must not exhaust the stack. */
const maximumDepth = 32;

const blanks = /\s*/uy;
const name = /[A-Za-z_]\w*/uy;
const integer = /[-+]?\d+(?:_\d+)*L?/uy;
/** With the prefixes that Python 2 wrote (`u'…'`) and that NumPy never writes but `literal_eval` takes. */
const quoted = /[uU]?(?:'(?<single>(?:[^'\\\n]|\\.)*)'|"(?<double>(?:[^"\\\n]|\\.)*)")/uy;

/** Throws LiteralError. */
export function readPythonLiteral(text: string): PythonLiteral {
  const reader = new LiteralReader(text);
  const value = reader.value(0);
  reader.end();
  return value;
}

class LiteralReader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  value(depth: number): PythonLiteral {
    if (depth > maximumDepth) throw this.#wrong(`it is nested deeper than ${maximumDepth} levels`);
    this.#skipBlanks();
    const next = this.#text[this.#at];
    if (next === '{') return this.#dict(depth);
    if (next === '[') return { kind: 'list', items: this.#items(']', depth).items };
    if (next === '(') return this.#tuple(depth);
    const text = this.#match(quoted);
    if (text !== null) return unescaped(text.groups?.['single'] ?? text.groups?.['double'] ?? '');
    const number = this.#match(integer);
    if (number !== null) return BigInt(number[0].replace(/[_L+]/gu, ''));
    const start = this.#at;
    const word = this.#match(name)?.[0];
    if (word === 'None') return null;
    if (word === 'True' || word === 'False') return word === 'True';
    this.#at = start;
    throw this.#wrong(
      word === undefined ? this.#found() : `there is the name "${word.slice(0, 40)}", which is code and no value`,
    );
  }

  end(): void {
    this.#skipBlanks();
    if (this.#at < this.#text.length) throw this.#wrong(`${this.#found()} after its end`);
  }

  #dict(depth: number): PythonLiteral {
    this.#at += 1;
    const entries: (readonly [PythonLiteral, PythonLiteral])[] = [];
    while (!this.#take('}')) {
      const key = this.value(depth + 1);
      if (!this.#take(':')) throw this.#wrong(`${this.#found()} where ":" belongs`);
      entries.push([key, this.value(depth + 1)]);
      if (this.#take(',')) continue;
      if (!this.#take('}')) throw this.#wrong(`${this.#found()} where "," or "}" belongs`);
      break;
    }
    return { kind: 'dict', entries };
  }

  /** A value in parentheses without a comma is that value. */
  #tuple(depth: number): PythonLiteral {
    const { items, hasComma } = this.#items(')', depth);
    const [only] = items;
    return items.length === 1 && !hasComma && only !== undefined ? only : { kind: 'tuple', items };
  }

  #items(end: string, depth: number): { readonly items: readonly PythonLiteral[]; readonly hasComma: boolean } {
    this.#at += 1;
    const items: PythonLiteral[] = [];
    let hasComma = false;
    while (!this.#take(end)) {
      items.push(this.value(depth + 1));
      if (this.#take(',')) {
        hasComma = true;
        continue;
      }
      if (!this.#take(end)) throw this.#wrong(`${this.#found()} where "," or "${end}" belongs`);
      break;
    }
    return { items, hasComma };
  }

  #take(character: string): boolean {
    this.#skipBlanks();
    if (this.#text[this.#at] !== character) return false;
    this.#at += 1;
    return true;
  }

  #skipBlanks(): void {
    this.#match(blanks);
  }

  #match(pattern: RegExp): RegExpExecArray | null {
    pattern.lastIndex = this.#at;
    const match = pattern.exec(this.#text);
    if (match !== null) this.#at = pattern.lastIndex;
    return match;
  }

  #found(): string {
    const next = this.#text[this.#at];
    return next === undefined ? 'the text ends' : `there is "${next}"`;
  }

  #wrong(message: string): LiteralError {
    return new LiteralError(message, this.#at);
  }
}

const escapes: Readonly<Record<string, string>> = {
  n: '\n',
  r: '\r',
  t: '\t',
  '\\': '\\',
  "'": "'",
  '"': '"',
  '0': '\0',
};

function unescaped(text: string): string {
  return text.replace(
    /\\(?:x(?<byte>[0-9a-fA-F]{2})|u(?<short>[0-9a-fA-F]{4})|U(?<long>[0-9a-fA-F]{8})|(?<one>.))/gu,
    (whole, ...rest) => {
      const groups = rest.at(-1) as Readonly<Record<string, string | undefined>>;
      const code = groups['byte'] ?? groups['short'] ?? groups['long'];
      if (code === undefined) return escapes[groups['one'] ?? ''] ?? whole;
      const point = Number.parseInt(code, 16);
      return point <= 0x10ffff ? String.fromCodePoint(point) : whole;
    },
  );
}
