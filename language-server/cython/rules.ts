import { objectAddressCode } from '../protocol/cython.ts';
import type { Rule } from './rule.ts';
import { checkObjectAddress } from './rules/object-address.ts';

/** Every rule of the Cython lint, one line each. */
export const rules: readonly Rule[] = [
  {
    id: 'object-address',
    code: objectAddressCode,
    severity: 'error',
    documentation:
      'A cast of a Python object to a pointer gives the address of the object, not an address that is stored in it.',
    check: checkObjectAddress,
  },
];
