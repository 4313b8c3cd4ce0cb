import { bytesPerLine, type PrintedText } from '../../protocol/printed-text.ts';

/** Takes text as it is printed: whole lines with their ends. */
export type OnText = (text: string) => void;

export interface PrintOptions {
  /** Where to cut; Infinity: nowhere. */
  readonly maximumLines: number;
  readonly onText: OnText;
  readonly signal?: AbortSignal | undefined;
  /** From the start of the program; default: none, for what a person sees and can cancel. */
  readonly deadlineMs?: number;
}

/** What is left to say when all lines have been handed on. */
export type PrintedEnd = Omit<PrintedText, 'text'>;

/** Lines on their way out, counted. Blank lines at the end are left out. */
export interface TextWriter {
  /** False: it was one line too many, and is not written. */
  line(text: string): boolean;
  /** Lines of our own below, behind a blank one; they are not counted. */
  block(lines: readonly string[]): void;
  /** Whether anything was written. */
  readonly hasText: boolean;
}

export function createTextWriter({ maximumLines, onText }: Pick<PrintOptions, 'maximumLines' | 'onText'>): TextWriter {
  const maximumBytes = maximumLines * bytesPerLine;
  let [lines, bytes, blanks] = [0, 0, 0];
  let hasText = false;
  const write = (text: string): void => {
    onText(`${'\n'.repeat(blanks)}${text}\n`);
    blanks = 0;
    hasText = true;
  };
  return {
    line(text) {
      if (text === '') {
        blanks += 1;
        return true;
      }
      lines += blanks + 1;
      bytes += blanks + text.length + 1;
      if (lines > maximumLines || bytes > maximumBytes) return false;
      write(text);
      return true;
    },
    block(added) {
      if (added.length === 0) return;
      blanks = hasText ? 1 : 0;
      write(added.join('\n'));
    },
    get hasText() {
      return hasText;
    },
  };
}

/** Why a text ends early, where it has as many lines as were asked for. */
export function cutAtLimit(maximumLines: number): string {
  const lines = maximumLines.toLocaleString('en');
  return `Cut here, after ${lines} lines or as many bytes as these usually have (binaryDetective.text.maximumLines).`;
}

/** The same with the text in the answer, for those who take no stream. */
export async function collectText(print: (onText: OnText) => Promise<PrintedEnd>): Promise<PrintedText> {
  const parts: string[] = [];
  const end = await print(text => parts.push(text));
  return { text: parts.join(''), ...end };
}
