/**
 * A development package's `libm.so` is text for the static linker (GNU ld, "Linker Scripts"). Saying so, and what it names,
 * is half the answer.
 */
export function isScriptForLinkEditor(start: string): boolean {
  return start.startsWith('/* GNU ld script') || namedInputs.test(start);
}

/** The libraries that the script names, in its order. `start` is the file's first bytes. */
export function librariesOfScript(start: string): readonly string[] {
  return (namedInputs.exec(start)?.[1] ?? '').match(/[^\s(),]+\.(?:so|a)[\w.]*/gu) ?? [];
}

const namedInputs = /^[\s\w()/*,.-]*?\b(?:GROUP|INPUT)\s*\(([^)]*)/u;
