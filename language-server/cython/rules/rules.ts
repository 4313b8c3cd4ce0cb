import {
  emptyAddressCode,
  keptPointerCode,
  narrowAddressCode,
  nullObjectCode,
  objectAddressCode,
  objectFromPointerCode,
  uncheckedDataCode,
  uncountedObjectCode,
  untypedDataCode,
} from '../../protocol/cython.ts';
import type { Visit } from '../binding/visit.ts';
import { checkEmptyAddress } from './empty-address.ts';
import { checkKeptPointer, isAssignedValue } from './kept-pointer.ts';
import { checkNarrowAddress } from './narrow-address.ts';
import { checkNullObject } from './null-object.ts';
import { checkObjectAddress } from './object-address.ts';
import { checkObjectFromPointer } from './object-from-pointer.ts';
import { onCasts, type Rule } from './rule.ts';
import { checkUncheckedData } from './unchecked-data.ts';
import { checkUncountedObject } from './uncounted-object.ts';
import { checkUntypedData } from './untyped-data.ts';

const isCast = ({ expression }: Visit): boolean => expression.kind === 'cast';

const isData = ({ expression }: Visit): boolean => expression.kind === 'attribute' && expression.name === 'data';

/** Every rule of the Cython lint; each has its page in docs/rules. */
export const rules: readonly Rule[] = [
  {
    id: 'object-address',
    code: objectAddressCode,
    severity: 'error',
    documentation:
      'A cast of a Python object to a pointer gives the address of the object, not an address that is stored in it.',
    ...onCasts(checkObjectAddress),
  },
  {
    id: 'untyped-data',
    code: untypedDataCode,
    severity: 'warning',
    documentation: 'The .data of an array without a C type is a Python memoryview, not the memory of the array.',
    // What is known of an array by its `.data` alone is asked of the compiler too.
    concerns: visit => isCast(visit) || isData(visit),
    check: checkUntypedData,
  },
  {
    id: 'unchecked-data',
    code: uncheckedDataCode,
    severity: 'information',
    documentation: 'The memory of an array is read as elements of a type that nothing checks it to have.',
    concerns: isCast,
    check: checkUncheckedData,
  },
  {
    id: 'narrow-address',
    code: narrowAddressCode,
    severity: 'warning',
    documentation: 'An address by way of an integer that does not hold all of it is cut, or refused at run time.',
    ...onCasts(checkNarrowAddress),
  },
  {
    id: 'kept-pointer',
    code: keptPointerCode,
    severity: 'warning',
    documentation: 'A pointer into a local or a parameter is stored where it outlives what it points into.',
    concerns: isAssignedValue,
    check: checkKeptPointer,
  },
  {
    id: 'uncounted-object',
    code: uncountedObjectCode,
    severity: 'warning',
    documentation: 'The address of an object is stored without a reference that keeps the object alive.',
    concerns: visit => isCast(visit) && isAssignedValue(visit),
    check: checkUncountedObject,
  },
  {
    id: 'null-object',
    code: nullObjectCode,
    severity: 'warning',
    documentation: 'A pointer that may be NULL is cast to a Python object, which crashes.',
    concerns: isCast,
    check: checkNullObject,
  },
  {
    id: 'object-from-pointer',
    code: objectFromPointerCode,
    severity: 'warning',
    documentation: 'A cast of a void* or struct pointer to a Python type takes the memory there for an object.',
    concerns: isCast,
    check: checkObjectFromPointer,
  },
  {
    id: 'empty-address',
    code: emptyAddressCode,
    severity: 'information',
    documentation: 'The address of the first element of what may have none.',
    concerns: ({ expression }) => expression.kind === 'unary' && expression.operator === '&',
    check: checkEmptyAddress,
  },
];
