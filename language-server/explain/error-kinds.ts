import type { ErrorKind } from './error-kind.ts';
import { missingLibrary } from './kinds/missing-library.ts';

/** Every kind of error that is known; where two claim the same words, the first one has them. */
export const errorKinds: readonly ErrorKind[] = [missingLibrary];
