/** A place in a text as LSP counts it: from 0, in UTF-16 units. */
export interface LintPosition {
  readonly line: number;
  readonly character: number;
}

export interface LintRange {
  readonly start: LintPosition;
  readonly end: LintPosition;
}

/** Offsets of a text to lines and back. A line ends with LF, CRLF or CR, as LSP has it. */
export class LineIndex {
  readonly #starts: readonly number[];

  constructor(text: string) {
    // Editors take a byte order mark off before they count columns.
    const starts = [text.charCodeAt(0) === 0xfeff ? 1 : 0];
    for (let at = 0; at < text.length; at += 1) {
      const unit = text.charCodeAt(at);
      if (unit === 10 || (unit === 13 && text.charCodeAt(at + 1) !== 10)) starts.push(at + 1);
    }
    this.#starts = starts;
  }

  /** The line of an offset, from 0. */
  lineOf(offset: number): number {
    let low = 0;
    let high = this.#starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((this.#starts[middle] ?? 0) <= offset) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  position(offset: number): LintPosition {
    const line = this.lineOf(offset);
    return { line, character: Math.max(0, offset - (this.#starts[line] ?? 0)) };
  }

  /** The offset of a position of this text. */
  offset({ line, character }: LintPosition): number {
    return (this.#starts[line] ?? 0) + character;
  }

  range(start: number, end: number): LintRange {
    return { start: this.position(start), end: this.position(end) };
  }
}
