/**
 * Cython lint has no message of its own: diagnostics travel as LSP `textDocument/diagnostic`, quick fixes as
 * `textDocument/codeAction`. This is what a client may rely on in them.
 */
export const cythonLanguageId = 'cython';

/** `source` of every diagnostic of this server. */
export const diagnosticSource = 'Binary Detective';

/** `code` of the cast that takes the address of a Python object: `<void*>a`. */
export const objectAddressCode = 'cython/object-address';

/** `code` of an address that goes by way of an integer too small for it: `<void*><int>x`, `<int>p`. */
export const narrowAddressCode = 'cython/narrow-address';
