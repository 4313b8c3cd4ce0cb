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

/** A file that a script names, or `-lNAME`. */
export interface ScriptInput {
  readonly name: string;
  /** Only if something of it is used. */
  readonly asNeeded: boolean;
}

/** A command with its inputs, among which groups of AS_NEEDED may stand. */
const inputCommand = /\b(?:GROUP|INPUT)\s*\(((?:[^()]|\([^()]*\))*)/gu;
const neededOrName = /\bAS_NEEDED\s*\(([^()]*)\)?|("[^"]*"|[^\s(),"]+)/gu;

/** The files of all `GROUP` and `INPUT` commands of a whole script. */
export function inputsOfScript(script: string): readonly ScriptInput[] {
  const text = script.replace(/\/\*[\s\S]*?(?:\*\/|$)/gu, ' ');
  return [...text.matchAll(inputCommand)].flatMap(([, inputs = '']) =>
    [...inputs.matchAll(neededOrName)].flatMap(([, needed, plain = '']) =>
      needed === undefined ? namesIn(plain, false) : namesIn(needed, true),
    ),
  );
}

function namesIn(text: string, asNeeded: boolean): readonly ScriptInput[] {
  const names = text.match(/"[^"]*"|[^\s(),"]+/gu) ?? [];
  return names.map(name => ({ name: name.replaceAll('"', ''), asNeeded }));
}
