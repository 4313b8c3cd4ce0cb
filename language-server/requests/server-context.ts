import type { Connection } from 'vscode-languageserver/node';
import type { Demangler } from '../demangle/demangler.ts';
import type { TreeOptions } from '../dependencies/tree/tree.ts';
import type { Answer } from '../lsp/answers.ts';
import type { SettingsSource } from '../lsp/settings-source.ts';
import type { NativeDoor } from '../native/door.ts';
import type { MemoryStoreOptions } from '../scan/memory/memory-store.ts';

/** Folders that the bundle cannot know by itself. */
export interface ServerPaths {
  /** The fault shim's C sources. */
  readonly shimFolder: string;
  /** Where compiled shims are kept between runs. */
  readonly cacheFolder: string;
  /** The page about the codes of findings. */
  readonly findingsPage: string;
  /** Where what scans saw is kept between runs, and which build of the program sees it so. */
  readonly scanMemory: Pick<MemoryStoreOptions, 'folder' | 'program'>;
  /** The program that asks the Cython compiler of a Python interpreter. */
  readonly cythonBridge: string;
}

/** What the server lends to those who answer its requests. */
export interface ServerContext {
  readonly answer: Answer;
  readonly settings: SettingsSource;
  readonly door: NativeDoor;
  readonly demangler: Demangler;
  readonly paths: ServerPaths;
  readonly isTrusted: () => boolean;
  readonly log: (line: string) => void;
  /** What the settings say about the loader of a file. */
  readonly treeOptions: (uri: string) => Promise<TreeOptions>;
  /** Sends partial results of a request whose client gave it a token for them. */
  readonly reporter: (token: string | number | undefined) => (value: unknown) => void;
}

export function progressReporter(connection: Connection): ServerContext['reporter'] {
  return token => value => {
    if (token !== undefined) void connection.sendNotification('$/progress', { token, value });
  };
}
