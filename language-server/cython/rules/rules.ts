import { narrowAddressCode, objectAddressCode } from '../../protocol/cython.ts';
import { checkNarrowAddress } from './narrow-address.ts';
import { checkObjectAddress } from './object-address.ts';
import type { Rule } from './rule.ts';

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
  {
    id: 'narrow-address',
    code: narrowAddressCode,
    severity: 'warning',
    documentation: 'An address by way of an integer that does not hold all of it is cut, or refused at run time.',
    check: checkNarrowAddress,
  },
];
