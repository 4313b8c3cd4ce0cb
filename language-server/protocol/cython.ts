import type { ByteText } from './elf.ts';
import { notificationMethod, requestMethod } from './method.ts';

/**
 * Cython lint has no message of its own: diagnostics travel as LSP `textDocument/diagnostic`, quick fixes as
 * `textDocument/codeAction`. This is what a client may rely on in them.
 */
export const cythonLanguageId = 'cython';

/** Of files in pure Python mode, which a client sends where the setting `binaryDetective.cython.pythonFiles` says so. */
export const pythonLanguageId = 'python';

/** `source` of every diagnostic of this server. */
export const diagnosticSource = 'Binary Detective';

/** `code` of the cast that takes the address of a Python object: `<void*>a`. */
export const objectAddressCode = 'cython/object-address';

/** `code` of an address that goes by way of an integer too small for it: `<void*><int>x`, `<int>p`. */
export const narrowAddressCode = 'cython/narrow-address';

/** `code` of `.data` of an array without a C type, which is a Python memoryview: `<void*>a.data`. */
export const untypedDataCode = 'cython/untyped-data';

/** `code` of an array's memory that is read as a type which nothing checks: `<double*>a.data`. */
export const uncheckedDataCode = 'cython/unchecked-data';

/** `code` of a pointer that is stored beyond what it points into: `self.p = <char*>b`. */
export const keptPointerCode = 'cython/kept-pointer';

/** `code` of an object's address that is stored without a reference: `node.data = <void*>obj`. */
export const uncountedObjectCode = 'cython/uncounted-object';

/** `code` of a cast to an object of what may be NULL: `<object>PyDict_GetItem(d, k)`. */
export const nullObjectCode = 'cython/null-object';

/** `code` of memory that is taken for an object: `<bytes>p` of a `void*`. */
export const objectFromPointerCode = 'cython/object-from-pointer';

/** `code` of the address of the first element of what may be empty: `&x[0]`. */
export const emptyAddressCode = 'cython/empty-address';

/**
 * The Cython compiler that confirms and extends the lint. `off`: not asked yet, switched off, or the workspace is not trusted.
 * `missing`: no interpreter, or one without Cython. `failed`: it died too often.
 */
export type CompilerStatus =
  | { readonly kind: 'off' | 'failed'; readonly message: string }
  | { readonly kind: 'starting' }
  | { readonly kind: 'ready'; readonly cython: string; readonly python: string; readonly path: ByteText }
  | {
      readonly kind: 'missing';
      readonly message: string;
      /** The command that installs what is missing. */
      readonly remedy: string;
    };

/** Client → server: what is with the Cython compiler now. */
export const compilerStatus = requestMethod<Record<string, never>, CompilerStatus>(
  'binaryDetective/cython/compilerStatus',
);

/** Server → client: it is otherwise with the Cython compiler from now on. */
export const compilerStatusChanged = notificationMethod<CompilerStatus>('binaryDetective/cython/compilerStatusChanged');

export interface InterpreterChosen {
  /** Absolute path of a Python interpreter; absent: none is chosen. */
  readonly path?: ByteText;
}

/**
 * Client → server: the Python interpreter that the editor has chosen for this workspace. The setting
 * `binaryDetective.tools.python` goes before it, PATH after it.
 */
export const interpreterChosen = notificationMethod<InterpreterChosen>('binaryDetective/cython/interpreterChosen');
