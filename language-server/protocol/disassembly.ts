/**
 * A disassembly has no message of its own beside `binaryDetective/elf/disassemble`: the outline, folds, definitions, references,
 * highlights and hovers of a listing travel as LSP has them, for every open document of this language or scheme. The query of
 * a document's URI says in JSON what it shows: `{"file": "file:///…", "symbol": "main"}`.
 */
export const disassemblyScheme = 'binary-detective-disassembly';

/** Language of listings under any scheme. */
export const disassemblyLanguageId = 'binary-detective-disassembly';
