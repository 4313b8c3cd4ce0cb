import type { Type } from '../binding/model.ts';
import {
  boolean,
  float,
  integer,
  isPythonObject,
  object,
  objectOf,
  other,
  unknown,
  voidPointer,
} from '../binding/types.ts';

/** Types of literals as Cython infers them. */
export const literalTypes = {
  int: integer,
  longInt: object,
  float,
  complex: other,
  bytes: objectOf('bytes'),
  char: integer,
  str: objectOf('str'),
  unicode: objectOf('unicode'),
  none: objectOf('None'),
  bool: boolean,
  null: voidPointer,
  ellipsis: object,
} as const;

const builtinTypeNames = new Set(
  (
    'object type bytes bytearray str unicode basestring list tuple dict set frozenset slice complex memoryview bool int ' +
    'long float BaseException Exception'
  ).split(' '),
);

const builtinFunctions = new Set(
  (
    'abs all any bin callable chr classmethod compile delattr dir divmod enumerate eval exec filter format getattr globals hasattr ' +
    'hash hex id input isinstance issubclass iter len locals map max min next oct open ord pow print property range repr ' +
    'reversed round setattr sorted staticmethod sum super vars xrange zip __import__'
  ).split(' '),
);

/** Results of built-in functions that are no plain object (Builtin.builtin_function_table). */
const builtinResults = new Map<string, Type>([
  ['len', integer],
  ['hash', integer],
  ['ord', integer],
  ['bool', boolean],
  ['float', float],
  ['isinstance', boolean],
  ['issubclass', boolean],
  ['callable', boolean],
  ['hasattr', boolean],
  ['all', boolean],
  ['any', boolean],
  ['min', unknown],
  ['max', unknown],
  ['pow', unknown],
  ['round', unknown],
  ['sum', unknown],
  ['divmod', unknown],
  ['complex', other],
  ...['bytes', 'bytearray', 'list', 'tuple', 'dict', 'set', 'frozenset', 'slice', 'memoryview'].map(
    (name): [string, Type] => [name, objectOf(name)],
  ),
  ['str', objectOf('str')],
  ['unicode', objectOf('unicode')],
  ['sorted', objectOf('list')],
  ['dir', objectOf('list')],
  ['type', objectOf('type')],
]);

/** What a built-in name is worth as a value; `unknown` for a name that is none. */
export function builtinValue(name: string): Type {
  if (builtinTypeNames.has(name)) return objectOf('type');
  // Most built-in functions are C functions to Cython.
  return unknown;
}

/** What a call of a built-in name gives; `unknown` for a name that is none. */
export function builtinResult(name: string, first: Type): Type {
  // `abs` of a C number is one.
  if (name === 'abs') return isPythonObject(first) === true ? object : unknown;
  const known = builtinTypeNames.has(name) || builtinFunctions.has(name);
  return builtinResults.get(name) ?? (known ? object : unknown);
}
