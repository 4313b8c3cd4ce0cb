import type { TreeParams } from './dependencies.ts';
import type { ByteText } from './elf.ts';
import { requestMethod } from './method.ts';

/** How the tree compares with what the loader itself says. */
export type Verification =
  | { readonly kind: 'agrees'; readonly command: string; readonly objects: number }
  | { readonly kind: 'differs'; readonly command: string; readonly differences: readonly LoaderDifference[] }
  /** There is no loader to ask, and why. */
  | { readonly kind: 'notVerified'; readonly message: string };

/** One thing that the tree and the loader say differently; null where one of them has nothing to say. */
export interface LoaderDifference {
  /**
   * `path`: which file. `order`: what is at the first place where the orders differ. `missing`: a name that only one of them
   * finds. `error`: what ends the loader.
   */
  readonly kind: 'path' | 'order' | 'missing' | 'error';
  readonly tree: ByteText | null;
  readonly loader: ByteText | null;
}

/**
 * Client → server: ask the loader itself, as ldd(1) does, and compare its answer with the tree. This maps the file into a
 * process, where a hostile one can act. Cancellable. Errors: untrusted, toolFailed, toolTimedOut; as
 * `binaryDetective/dependencies/tree`.
 */
export const verifyTree = requestMethod<TreeParams, Verification>('binaryDetective/dependencies/verify');
