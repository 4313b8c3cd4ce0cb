import { displayText } from '../../protocol/display-text.ts';
import { UserError } from '../../protocol/errors.ts';
import { arrayPlace } from './array-place.ts';
import { isReal } from './dtype.ts';
import type { NumericArray } from './open-array.ts';

/** Throws UserError notSupported for what has no sum on the real line. */
export function requireReal({ path, member, dtype }: NumericArray): void {
  if (isReal(dtype)) return;
  const shown = displayText(arrayPlace(path, member));
  throw new UserError('notSupported', `${shown} is of ${displayText(dtype.name)}, which is not of real numbers.`);
}
