import * as vscode from 'vscode';
import { watchFile } from '../watch-file.ts';
import { createPublishing } from './publishing.ts';
import { type AskText, startTextStream, type TextStream } from './text-stream.ts';

/** What is to be known of the documents of one scheme. */
export interface TextSource {
  readonly scheme: string;
  /** The text of a document, from what its URI says. Throws for a URI that says nothing. */
  readonly ask: (uri: vscode.Uri, ...args: Parameters<AskText>) => ReturnType<AskText>;
  /** The files that the text is about: when one changes, the open document follows. */
  readonly files: (uri: vscode.Uri) => readonly vscode.Uri[];
}

/** The texts of the open documents of one scheme. */
export interface TextStore {
  get(uri: vscode.Uri): OpenText | undefined;
  /** Begins to read, unless it is there already. */
  obtain(uri: vscode.Uri): OpenText;
  /** Reads anew, up to so many lines; what is shown stays until there is as much of the new text. */
  again(uri: vscode.Uri, maximumLines: number | undefined): OpenText;
  /** Ends what is still coming, and forgets the text. */
  drop(uri: vscode.Uri): void;
  dispose(): void;
}

export interface OpenText {
  readonly stream: TextStream;
  /** The limit that it is read with; undefined: that of the settings. */
  readonly maximumLines: number | undefined;
  /** What an editor is to show, and since when. */
  readonly shown: { readonly bytes: Uint8Array; readonly changedMs: number };
  /** The document has been opened: an editor may be told of what has come meanwhile. */
  opened(): void;
}

export interface StoreListeners {
  /** The document has another text to show. */
  readonly onShown: (uri: vscode.Uri) => void;
  /** More of it has come, or it has ended. */
  readonly onProgress: (uri: vscode.Uri) => void;
  /** Whether the document is open: only then is there an editor that could be told. */
  readonly isOpen: (uri: vscode.Uri) => boolean;
}

/** As much as is read, sent and drawn before a person notices. */
const firstScreenBytes = 256 << 10;

export function createTextStore(source: TextSource, { onShown, onProgress, isOpen }: StoreListeners): TextStore {
  const texts = new Map<string, OpenText>();
  const watchers = new Map<string, vscode.Disposable>();
  let clock = Date.now();

  const start = (uri: vscode.Uri, maximumLines: number | undefined, before: OpenText | undefined): OpenText => {
    const key = uri.toString();
    // What is shown stays until there is as much of the new text: it neither shrinks nor flickers.
    const publishing = createPublishing(before?.shown.bytes.length ?? 0);
    let shown = before?.shown ?? { bytes: new Uint8Array(), changedMs: clock };
    const publish = (): void => {
      const now = performance.now();
      const { state, sizeBytes } = text.stream;
      // The first screen is not to wait for a long text: an editor that is about to open gets its beginning.
      if (sizeBytes > firstScreenBytes && shown.bytes.length > 0 && !isOpen(uri)) return;
      if (state === 'reading' && !publishing.isDue(sizeBytes, now)) return;
      publishing.told(sizeBytes, now);
      // An editor reads again only what has another time.
      clock = Math.max(Date.now(), clock + 1);
      shown = { bytes: text.stream.bytes(), changedMs: clock };
      onShown(uri);
    };
    const listen = (): void => {
      if (texts.get(key) !== text) return;
      publish();
      onProgress(uri);
    };
    const ask: AskText = (...args) => source.ask(uri, ...args);
    const text: OpenText = {
      stream: startTextStream(ask, maximumLines, () => listen()),
      maximumLines,
      get shown() {
        return shown;
      },
      opened() {
        if (texts.get(key) === text && text.stream.sizeBytes > shown.bytes.length) publish();
      },
    };
    texts.set(key, text);
    onProgress(uri);
    return text;
  };
  const watch = (uri: vscode.Uri): void => {
    const key = uri.toString();
    if (watchers.has(key)) return;
    // A limit that the person has lifted stays lifted.
    const again = (): OpenText => store.again(uri, store.get(uri)?.maximumLines);
    const files = source.files(uri).map(file => watchFile(file, again));
    watchers.set(key, vscode.Disposable.from(...files));
  };

  const store: TextStore = {
    get: uri => texts.get(uri.toString()),
    obtain(uri) {
      const known = store.get(uri);
      if (known !== undefined) return known;
      watch(uri);
      return start(uri, undefined, undefined);
    },
    again(uri, maximumLines) {
      const before = store.get(uri);
      watch(uri);
      const text = start(uri, maximumLines, before);
      before?.stream.stop();
      return text;
    },
    drop(uri) {
      const key = uri.toString();
      const text = texts.get(key);
      texts.delete(key);
      text?.stream.stop();
      watchers.get(key)?.dispose();
      watchers.delete(key);
      if (text !== undefined) onProgress(uri);
    },
    dispose() {
      for (const { stream } of texts.values()) stream.stop();
      texts.clear();
      vscode.Disposable.from(...watchers.values()).dispose();
    },
  };
  return store;
}
