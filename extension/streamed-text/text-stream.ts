import * as vscode from 'vscode';
import { displayText } from '../../language-server/protocol/display-text.ts';
import type { PrintedPart, PrintedText } from '../../language-server/protocol/printed-text.ts';
import { failureText } from '../failure.ts';

/** Asks for a text, which comes in parts. */
export type AskText = (
  maximumLines: number | undefined,
  onPart: (part: PrintedPart) => void,
  token: vscode.CancellationToken,
) => Promise<PrintedText>;

/**
 * `reading`: more is coming. `whole`: that is all. `cut`: at the limit, which can be lifted. `stopped`: by the person. `failed`:
 * there is a sentence instead.
 */
export type StreamState = 'reading' | 'whole' | 'cut' | 'stopped' | 'failed';

/** A text on its way, as far as it is here. */
export interface TextStream {
  readonly state: StreamState;
  /** What the program printed of it. */
  readonly lines: number;
  readonly sizeBytes: number;
  /** The limit that cut it, in lines; a text of long lines has fewer. */
  readonly cutAtLines: number | undefined;
  /** Why there is none. */
  readonly failure: unknown;
  /** Resolves when there is something to show, be it that there is nothing. */
  readonly begun: Promise<void>;
  /** Resolves when nothing more will come. */
  readonly ended: Promise<void>;
  /** UTF-8 with its mark, so that no setting of the person's makes another encoding of it. */
  bytes(): Uint8Array;
  /** Ends the program behind it. */
  stop(): void;
}

const mark = Buffer.from('\uFEFF');
/** A blank line and a sentence at the end of a text say that it was cut. */
const linesAboutCut = 2;
/** Bytes that are no text, in names: an editor would show all of them as the same character. */
const surrogates = /[\uD800-\uDFFF]/gu;

/** @param onProgress Called with each part, and at the end. */
export function startTextStream(ask: AskText, maximumLines: number | undefined, onProgress: () => void): TextStream {
  const cancel = new vscode.CancellationTokenSource();
  const chunks: Buffer[] = [mark];
  let sizeBytes = mark.length;
  let lines = 0;
  let state: StreamState = 'reading';
  let cutAtLines: number | undefined;
  let failure: unknown;
  let begin = (): void => undefined;
  const begun = new Promise<void>(resolve => {
    begin = resolve;
  });

  const add = (text: string): void => {
    if (text === '') return;
    const bytes = Buffer.from(text.replace(surrogates, displayText));
    chunks.push(bytes);
    sizeBytes += bytes.length;
    for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) lines += 1;
    begin();
  };
  const onPart = ({ text }: PrintedPart): void => {
    if (state !== 'reading') return;
    add(text);
    onProgress();
  };
  const follow = async (): Promise<void> => {
    try {
      const end = await ask(maximumLines, onPart, cancel.token);
      if (state !== 'reading') return;
      add(end.text);
      cutAtLines = end.cutAtLines ?? undefined;
      state = cutAtLines === undefined ? 'whole' : 'cut';
      if (state === 'cut') lines -= linesAboutCut;
    } catch (error) {
      if (state !== 'reading') return;
      failure = error;
      state = 'failed';
      add(`${lines > 0 ? '\n' : ''}${failureText(error)}\n`);
    } finally {
      begin();
      cancel.dispose();
      onProgress();
    }
  };
  const ended = follow();

  return {
    get state() {
      return state;
    },
    get lines() {
      return lines;
    },
    get sizeBytes() {
      return sizeBytes;
    },
    get cutAtLines() {
      return cutAtLines;
    },
    get failure() {
      return failure;
    },
    begun,
    ended,
    bytes() {
      if (chunks.length > 1) chunks.splice(0, chunks.length, Buffer.concat(chunks));
      return chunks[0] ?? mark;
    },
    stop() {
      if (state !== 'reading') return;
      state = 'stopped';
      failure = new vscode.CancellationError();
      add(`\n${vscode.l10n.t('Stopped here.')}\n`);
      cancel.cancel();
      onProgress();
    },
  };
}
