import type { ByteText } from '../../protocol/elf.ts';
import type { LoaderFiles } from '../files/loader-files.ts';
import type { LoaderEnvironment } from '../loader/environment.ts';
import type { LinkMap } from '../loader/link-map.ts';
import type { SearchEntry, SearchFolders } from '../loader/search-path.ts';
import type { SystemLoader } from '../loader/system-loader.ts';
import type { LoaderTarget } from '../objects/loader-object.ts';
import type { ReadLoaderFile } from '../objects/verify-candidate.ts';
import type { Pause } from '../pause.ts';
import type { CacheRequest } from './cache-lookup.ts';
import type { Capabilities } from './capabilities.ts';
import type { LdSoCache } from './ld-so-cache.ts';

/** One resolution in progress. */
export interface Resolution {
  readonly environment: LoaderEnvironment;
  readonly files: LoaderFiles;
  readonly read: ReadLoaderFile;
  readonly target: LoaderTarget;
  readonly loader: SystemLoader;
  readonly loaderPath: ByteText;
  readonly platform: string | null;
  readonly capabilities: Capabilities;
  readonly cache: LdSoCache | null;
  readonly cacheRequest: CacheRequest;
  readonly folders: SearchFolders;
  readonly systemPath: readonly SearchEntry[];
  /** LD_LIBRARY_PATH as folders. */
  libraryPath: readonly SearchEntry[];
  readonly main: LinkMap;
  /** All objects in the order of the loader's list: the main program, the interpreter, then as they are mapped. */
  readonly chain: LinkMap[];
  readonly byName: Map<ByteText, LinkMap>;
  readonly byIdentity: Map<string, LinkMap>;
  readonly limits: Limits;
  readonly pause: Pause;
}

/** What is left of the work that one resolution may do and report, so that no input can take the server down. */
export interface Limits {
  candidates: number;
  recorded: number;
  /** Of filtees to before their filters: the loader itself knows no limit, and runs out of stack on filters in a circle. */
  moves: number;
}

export const initialLimits = { candidates: 1_000_000, recorded: 100_000, moves: 1000 };
