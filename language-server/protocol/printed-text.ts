/** What can be said about any text that a native program prints. */
export interface PrintedTextParams {
  /** Where to cut; absent: the setting `binaryDetective.text.maximumLines`. */
  readonly maximumLines?: number;
  /** Token under which {@link PrintedPart} values are streamed as `$/progress`, as LSP does for partial results. */
  readonly partialResultToken?: string | number;
}

/** More of the text: whole lines, which go behind those that came before. */
export interface PrintedPart {
  readonly text: string;
}

export interface PrintedText {
  /** All of it; empty where it was streamed. */
  readonly text: string;
  /** Set where the output was cut, with the reason in words; the text says so at its end too. */
  readonly truncated: string | null;
  /** The lines after which it was cut, which `maximumLines` lifts; null: it was not cut, or by something else. */
  readonly cutAtLines: number | null;
  /** The command that was run, quoted for POSIX sh. */
  readonly command: string;
}

/** In a text of so many lines a line has this many bytes on average at most; a text of longer lines is cut earlier. */
export const bytesPerLine = 80;

/** Most lines that can be asked for: more would not fit into an editor. */
export const mostLines = 3_000_000;
