import type { Token } from './tokens.ts';

/** Names under which a source imports the compiler's module `cython`, and its function `cast`. */
export interface PureNames {
  readonly modules: ReadonlySet<string>;
  readonly casts: ReadonlySet<string>;
}

const plainNames: PureNames = { modules: new Set(['cython']), casts: new Set() };

/** The line cannot be read. Never leaves the statement reader. */
export class SyntaxFailure extends Error {}

/** Nesting beyond this is no code that a person wrote; the bound keeps every walk of a tree off the end of the stack. */
const maximumDepth = 120;

/** A place in a list of tokens, with the small questions a reader asks there. */
export class Cursor {
  readonly pureNames: PureNames;
  readonly #tokens: readonly Token[];
  #index = 0;
  #depth = 0;

  constructor(tokens: readonly Token[], pureNames: PureNames = plainNames) {
    this.#tokens = tokens;
    this.pureNames = pureNames;
  }

  get token(): Token {
    return this.peek(0);
  }

  get index(): number {
    return this.#index;
  }

  /** Where the token before this one ends. */
  get previousEnd(): number {
    return this.#tokens[this.#index - 1]?.end ?? 0;
  }

  peek(distance: number): Token {
    const token = this.#tokens[Math.min(this.#index + distance, this.#tokens.length - 1)];
    if (token === undefined) throw new SyntaxFailure('No token');
    return token;
  }

  advance(): Token {
    const { token } = this;
    if (this.#index < this.#tokens.length - 1) this.#index += 1;
    return token;
  }

  rewind(index: number): void {
    this.#index = index;
  }

  /** Whether the token here is this name or operator. A string never is. */
  at(text: string, distance = 0): boolean {
    const token = this.peek(distance);
    return token.text === text && (token.kind === 'operator' || token.kind === 'name');
  }

  accept(text: string): boolean {
    if (!this.at(text)) return false;
    this.advance();
    return true;
  }

  expect(text: string): void {
    if (!this.accept(text)) throw new SyntaxFailure(`Expected ${text}`);
  }

  expectName(): string {
    const { token } = this;
    if (token.kind !== 'name') throw new SyntaxFailure('Expected a name');
    this.advance();
    return token.text;
  }

  get atLineEnd(): boolean {
    const { kind } = this.token;
    return kind === 'newline' || kind === 'end';
  }

  get atString(): boolean {
    return this.token.kind === 'string';
  }

  /** Runs a reader one level deeper. */
  nested<Result>(read: () => Result): Result {
    if (this.#depth >= maximumDepth) throw new SyntaxFailure('Nested too deeply');
    this.#depth += 1;
    try {
      return read();
    } finally {
      this.#depth -= 1;
    }
  }
}
