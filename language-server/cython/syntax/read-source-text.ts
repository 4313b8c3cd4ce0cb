import { Cursor, SyntaxFailure } from './cursor.ts';
import { pureNamesIn } from './pure-names.ts';
import { type BodyMode, readDeclarationLine, readDefinition, readTypeLine } from './read-definition.ts';
import { readExpression } from './read-expression.ts';
import { readStatement } from './read-statement.ts';
import type { Expression, Statement } from './syntax.ts';
import type { Token } from './tokens.ts';

const statementWords = new Set(['pass', 'include', 'IF', 'ELIF', 'ELSE', 'DEF', 'cimport', 'import', 'from']);

/** Blocks deeper than this are read as if they stood at this depth. */
const maximumBlocks = 80;

/**
 * The statements of a source. A line that cannot be read becomes a `broken` statement, and reading goes on at the next line;
 * a body under it stays a body. Never throws.
 */
export function readStatements(tokens: readonly Token[]): readonly Statement[] {
  return new BlockReader(tokens).readAll();
}

class BlockReader {
  readonly #cursor: Cursor;
  #depth = 0;
  #mode: BodyMode = 'code';

  constructor(tokens: readonly Token[]) {
    this.#cursor = new Cursor(tokens, pureNamesIn(tokens));
  }

  readAll(): readonly Statement[] {
    const statements: Statement[] = [];
    while (this.#cursor.token.kind !== 'end') this.#readLine(statements);
    return statements;
  }

  /** One logical line and the bodies under it. */
  #readLine(into: Statement[]): void {
    const cursor = this.#cursor;
    const from = cursor.index;
    try {
      const decorators = this.#readDecorators();
      for (;;) {
        into.push(this.#readOne(decorators));
        // A body took its line's end with it.
        if (cursor.token.indent >= 0 || cursor.token.kind === 'end') break;
        if (!cursor.accept(';') && !cursor.atLineEnd) throw new SyntaxFailure('Expected the end of the line');
        if (cursor.atLineEnd) break;
      }
    } catch (error) {
      if (!(error instanceof SyntaxFailure)) throw error;
      into.push(this.#readBroken(Math.max(from, this.#lineStart(cursor.index, from))));
    }
    if (cursor.token.kind === 'newline') cursor.advance();
  }

  #readOne(decorators: readonly Expression[]): Statement {
    const cursor = this.#cursor;
    const indent = this.#indentHere();
    const readBody = (mode: BodyMode = this.#mode): readonly Statement[] => this.#readBody(indent, mode);
    if (this.#mode === 'types' && this.#beginsDeclaration()) return readTypeLine(cursor);
    if (this.#mode === 'declarations' && this.#beginsDeclaration()) {
      return this.#withEnumBody(readDeclarationLine(cursor, decorators, readBody), indent);
    }
    if (decorators.length > 0) {
      const definition = readDefinition(cursor, decorators, readBody);
      if (definition !== null) return definition;
    }
    return this.#withEnumBody(readStatement(cursor, readBody), indent);
  }

  /** In a block of declarations some lines still are statements: `pass`, `include`, `IF`, a docstring. */
  #beginsDeclaration(): boolean {
    const { kind, text } = this.#cursor.token;
    return kind === 'name' && !statementWords.has(text);
  }

  #withEnumBody(statement: Statement, indent: number): Statement {
    if (statement.kind === 'enum' && statement.members.length > 0) return this.#readEnumBody(statement, indent);
    if (statement.kind === 'typedef' && statement.record?.kind === 'enum' && statement.record.members.length > 0) {
      return { ...statement, record: this.#readEnumBody(statement.record, indent) };
    }
    return statement;
  }

  #indents: number[] = [];

  /** The indentation of the line that the cursor stands in. */
  #indentHere(): number {
    const { indent } = this.#cursor.token;
    return indent >= 0 ? indent : (this.#indents.at(-1) ?? 0);
  }

  #readDecorators(): readonly Expression[] {
    const cursor = this.#cursor;
    const decorators: Expression[] = [];
    while (cursor.at('@') && cursor.token.indent >= 0) {
      cursor.advance();
      decorators.push(readExpression(cursor));
      if (!cursor.atLineEnd) throw new SyntaxFailure('Expected the end of the line');
      cursor.advance();
    }
    return decorators;
  }

  /** After a colon: the rest of the line, or the lines indented deeper than `indent`. */
  #readBody(indent: number, mode: BodyMode): readonly Statement[] {
    const outer = this.#mode;
    this.#mode = mode;
    try {
      return this.#readBodyLines(indent);
    } finally {
      this.#mode = outer;
    }
  }

  #readBodyLines(indent: number): readonly Statement[] {
    const cursor = this.#cursor;
    const body: Statement[] = [];
    if (!cursor.atLineEnd) {
      this.#readInlineBody(body, indent);
      return body;
    }
    if (cursor.token.kind === 'newline') cursor.advance();
    if (this.#depth >= maximumBlocks) return body;
    this.#depth += 1;
    while (cursor.token.kind !== 'end' && cursor.token.indent > indent) {
      this.#readLine(body);
    }
    this.#depth -= 1;
    return body;
  }

  /** `if a: b; c`. */
  #readInlineBody(body: Statement[], indent: number): void {
    const cursor = this.#cursor;
    this.#indents.push(indent);
    try {
      do {
        if (cursor.atLineEnd) break;
        body.push(cursor.nested(() => this.#readOne([])));
      } while (cursor.token.indent < 0 && cursor.accept(';'));
    } finally {
      this.#indents.pop();
    }
    if (cursor.token.kind === 'newline') cursor.advance();
  }

  #lineStart(index: number, from: number): number {
    const cursor = this.#cursor;
    let at = index;
    cursor.rewind(at);
    while (at > from && cursor.token.indent < 0) {
      at -= 1;
      cursor.rewind(at);
    }
    return at;
  }

  /** From the line's first token to its end; all that its names meant is unknown. */
  #readBroken(from: number): Statement {
    const cursor = this.#cursor;
    cursor.rewind(from);
    const { start } = cursor.token;
    const indent = this.#indentHere();
    const names = new Set<string>();
    let endsWithColon = false;
    do {
      const { kind, text } = cursor.token;
      if (kind === 'name') names.add(text);
      endsWithColon = kind === 'operator' && text === ':';
      cursor.advance();
    } while (!cursor.atLineEnd);
    const end = cursor.previousEnd;
    const body = endsWithColon ? this.#readBody(indent, this.#mode) : [];
    return { kind: 'broken', names: [...names], body, start, end };
  }

  /** Members of an enum, one a line or with commas between, some with a value or a C name. */
  #readEnumBody(statement: Statement & { readonly kind: 'enum' }, indent: number): Statement {
    const cursor = this.#cursor;
    const members: string[] = [];
    const readMembers = (): void => {
      let expectsName = true;
      while (!cursor.atLineEnd) {
        const { kind, text } = cursor.advance();
        if (kind === 'name' && expectsName && text !== 'pass') members.push(text);
        expectsName = kind === 'operator' && text === ',';
      }
    };
    if (!cursor.atLineEnd) {
      readMembers();
    } else {
      cursor.advance();
      while (cursor.token.kind !== 'end' && cursor.token.indent > indent) {
        readMembers();
        if (cursor.token.kind === 'newline') cursor.advance();
      }
    }
    return { ...statement, members };
  }
}
