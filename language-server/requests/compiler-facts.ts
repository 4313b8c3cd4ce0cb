import { statSync } from 'node:fs';
import { LRUCache } from 'lru-cache';
import { analyseSource } from '../cython/bridge/analyse-source.ts';
import type { BridgeSource, CythonBridge } from '../cython/bridge/bridge.ts';
import { type CompilerTypes, lineChange } from '../cython/bridge/compiler-types.ts';
import { osPath } from '../native/byte-text.ts';
import type { ByteText } from '../protocol/elf.ts';

/** What the Cython compiler has said of the open sources, kept until they or what they cimport change. */
export interface CompilerFacts {
  /**
   * What is known of a text now. What is not known is asked for, and {@link CompilerFacts.onFound} tells when it is there. Until
   * then what was known of the text before the last edit holds for the lines that it left alone, so that nothing flickers.
   */
  typesNow(uri: string, source: BridgeSource): CompilerTypes | undefined;
  /** Waits for the compiler, but no longer than `patienceMs`, where nothing at all is known of a source. */
  typesSoon(uri: string, source: BridgeSource, patienceMs: number): Promise<CompilerTypes | undefined>;
  /** Called when more is known of a source than was last told. */
  onFound(listener: () => void): void;
  forget(uri: string): void;
  clear(): void;
}

interface Known {
  readonly text: string;
  readonly types: CompilerTypes;
  readonly files: readonly { readonly path: ByteText; readonly version: string }[];
  /** Other texts of the editor that it was analysed with. */
  readonly others: string;
}

interface Pending {
  readonly text: string;
  readonly others: string;
  readonly stop: AbortController;
  readonly done: Promise<void>;
}

const mostSources = 200;

export function createCompilerFacts(bridge: CythonBridge): CompilerFacts {
  const known = new LRUCache<string, Known>({ max: mostSources });
  const pending = new Map<string, Pending>();
  /** Texts about which the compiler has no answer: it is not asked again and again. */
  const silent = new LRUCache<string, string>({ max: mostSources });
  const listeners: (() => void)[] = [];
  /** What was last told of each source. */
  const told = new LRUCache<string, string>({ max: mostSources });

  const tell = (): void => {
    for (const listener of listeners) listener();
  };
  const ask = (uri: string, source: BridgeSource): Pending => {
    const others = keyOfOthers(source);
    const running = pending.get(uri);
    if (running?.text === source.text && running.others === others) return running;
    running?.stop.abort();
    const stop = new AbortController();
    const entry: Pending = { text: source.text, others, stop, done: find(uri, source, others, stop.signal) };
    pending.set(uri, entry);
    void entry.done.finally(() => {
      if (pending.get(uri) === entry) pending.delete(uri);
    });
    return entry;
  };
  const find = async (uri: string, source: BridgeSource, others: string, signal: AbortSignal): Promise<void> => {
    try {
      const answer = await analyseSource(bridge, source, signal);
      if (signal.aborted) return;
      if (answer.kind === 'none') {
        silent.set(uri, source.text);
        known.delete(uri);
      } else {
        silent.delete(uri);
        const files = answer.value.files.map(path => ({ path, version: versionOf(path) }));
        known.set(uri, { text: source.text, types: answer.value.types, files, others });
      }
      if ((known.get(uri)?.types.signature ?? '') !== (told.get(uri) ?? '')) tell();
    } catch (error) {
      if (!signal.aborted) throw error;
    }
  };
  const isCurrent = (entry: Known, source: BridgeSource): boolean =>
    entry.text === source.text &&
    entry.others === keyOfOthers(source) &&
    entry.files.every(({ path, version }) => versionOf(path) === version);
  const telling = (uri: string, types: CompilerTypes | undefined): CompilerTypes | undefined => {
    told.set(uri, types?.signature ?? '');
    return types;
  };
  const typesNow = (uri: string, source: BridgeSource): CompilerTypes | undefined => {
    const entry = known.get(uri);
    if (entry !== undefined && isCurrent(entry, source)) return telling(uri, entry.types);
    if (silent.get(uri) !== source.text) ask(uri, source);
    return telling(uri, entry?.types.moved(lineChange(entry.text, source.text)));
  };

  return {
    typesNow,
    async typesSoon(uri, source, patienceMs) {
      const now = typesNow(uri, source);
      const running = pending.get(uri);
      if (now !== undefined || running === undefined) return now;
      let timer: NodeJS.Timeout | undefined;
      const patience = new Promise(resolve => {
        timer = setTimeout(resolve, patienceMs);
      });
      await Promise.race([running.done, patience]);
      clearTimeout(timer);
      const entry = known.get(uri);
      return telling(uri, entry?.text === source.text ? entry.types : undefined);
    },
    onFound: listener => listeners.push(listener),
    forget(uri) {
      pending.get(uri)?.stop.abort();
      known.delete(uri);
      silent.delete(uri);
    },
    clear() {
      for (const { stop } of pending.values()) stop.abort();
      known.clear();
      silent.clear();
      tell();
    },
  };
}

function keyOfOthers({ texts = {}, includePath }: BridgeSource): string {
  return JSON.stringify([includePath, Object.entries(texts).sort()]);
}

/** Of a file that is not there: empty. */
function versionOf(path: ByteText): string {
  const status = statSync(osPath(path), { throwIfNoEntry: false });
  return status === undefined ? '' : `${status.ino}:${status.size}:${status.mtimeMs}`;
}
