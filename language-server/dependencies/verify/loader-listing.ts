import type { ByteText } from '../../protocol/elf.ts';

/** An object as a loader lists it. */
export interface ListedObject {
  readonly name: ByteText;
  readonly path: ByteText;
}

/** What a loader prints when it is asked to list what it loads, as glibc's and musl's do it. */
export interface Listing {
  readonly objects: readonly ListedObject[];
  readonly missing: ReadonlySet<ByteText>;
  /** glibc's word for a file without NEEDED entries, of which it lists no more. */
  readonly staticallyLinked: boolean;
  /** What it ended with; null where it came to its end. */
  readonly error: string | null;
}

/** The kernel's own object, mapped into every process. */
const vdso = /^linux-(?:vdso(?:32|64)?|gate)\.so\.\d$/u;

export function parseListing(text: string): Listing {
  const objects: ListedObject[] = [];
  const missing = new Set<ByteText>();
  let error: string | null = null;
  for (const line of text.split('\n')) {
    const object = objectOf(line);
    const miss = missingName(line);
    if (miss !== null) missing.add(miss);
    else if (object !== null && !vdso.test(object.name)) objects.push(object);
    error ??= fatalError(line);
  }
  return { objects, missing, staticallyLinked: /^\tstatically linked$/mu.test(text), error };
}

/** `\tNAME => PATH (0xADDRESS)`, or `\tPATH (0xADDRESS)` where the two are the same. */
function objectOf(line: string): ListedObject | null {
  const [, name, path] = /^\t(.*?)(?: => (.*))? \(0x[0-9a-f]+\)$/u.exec(line) ?? [];
  return name === undefined ? null : { name, path: path ?? name };
}

/** glibc: `\tNAME => not found`; musl: `Error loading shared library NAME: … (needed by …)`. */
function missingName(line: string): ByteText | null {
  const glibc = /^\t(.*) => not found$/u.exec(line)?.[1];
  return glibc ?? /^Error loading shared library (.*?): .* \(needed by .*\)$/u.exec(line)?.[1] ?? null;
}

function fatalError(line: string): string | null {
  return /: error while loading shared libraries: (.*)$/u.exec(line)?.[1] ?? null;
}
