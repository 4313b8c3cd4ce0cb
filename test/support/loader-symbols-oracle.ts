import { execFile } from 'node:child_process';
import { decodeBytes } from '../../language-server/native/byte-text.ts';

/** What the real loader says when it binds the references of a file's objects, without running anything of them. */
export interface SymbolAnswer {
  /** `undefined symbol: f, version V\t(object)`, each once, sorted. */
  readonly undefined: readonly string[];
  /** Paths of direct needs that no reference of the file is bound to. */
  readonly unused: readonly string[];
  /** `object name [VERSION] => provider`, each once, sorted. */
  readonly bindings: readonly string[];
  /** Variables whose copy has another size. */
  readonly copies: readonly string[];
  /** The fatal error it ended with, "crash" where a signal ended it, "assertion" where versions are asked of what has none. */
  readonly error: string | null;
}

/** `undefined` is `ldd -r`, `unused` is `ldd -u`; `bindings` also says where each reference goes. */
export type SymbolQuestion = 'undefined' | 'unused' | 'bindings';

const variables: Readonly<Record<SymbolQuestion, string>> = {
  undefined: 'LD_WARN=yes LD_BIND_NOW=yes LD_VERBOSE=',
  unused: 'LD_WARN= LD_BIND_NOW= LD_VERBOSE= LD_DEBUG=unused',
  bindings: 'LD_WARN=yes LD_BIND_NOW=yes LD_VERBOSE= LD_DEBUG=bindings',
};
const endOfAnswer = '\n==end of answer==\n';

/** Asks the loader about each file, with one shell for all of them. */
export async function askSymbols(
  loader: string,
  files: readonly string[],
  question: SymbolQuestion,
  libraryPath?: string,
): Promise<readonly SymbolAnswer[]> {
  const path = libraryPath === undefined ? '' : `LD_LIBRARY_PATH='${libraryPath}'`;
  const command = `timeout -s KILL 60 env -i LC_ALL=C LD_TRACE_LOADED_OBJECTS=1 ${variables[question]} ${path} ${loader} "$f"`;
  const script = `for f; do ${command} 2>&1; printf '\\nstatus=%s' $?; printf '\\n%s' '${endOfAnswer.trimStart()}'; done`;
  const output = await new Promise<string>((resolve, reject) => {
    execFile(
      '/bin/sh',
      ['-c', script, 'sh', ...files],
      { cwd: '/', encoding: 'buffer', maxBuffer: 2 ** 31 - 1 },
      (error, stdout) => {
        if (error === null) resolve(decodeBytes(stdout));
        else reject(error);
      },
    );
  });
  const answers = output.split(endOfAnswer).slice(0, -1);
  if (answers.length !== files.length) throw new Error(`${answers.length} answers for ${files.length} files`);
  return answers.map((text, index) => parseSymbols(text, files[index] ?? ''));
}

const boundLine = /^ *\d+:\tbinding file (.*) \[0\] to (.*) \[0\]: (?:normal|protected) symbol `(.*)'(?: \[(.*)\])?$/u;

/** @param file Its path, which the loader leaves out where it is the program itself. */
export function parseSymbols(text: string, file: string): SymbolAnswer {
  const lines = text.split('\n');
  const matches = (pattern: RegExp): readonly RegExpExecArray[] =>
    lines.map(line => pattern.exec(line)).filter(match => match !== null);
  const crashed = Number(/^status=(\d+)$/mu.exec(text)?.[1]) > 128;
  const bindings = lines.flatMap(line => {
    const [all, from = '', to = '', name = '', version = null] = boundLine.exec(line) ?? [];
    // The kernel's own object is the loader's business.
    if (all === undefined || /linux-(?:vdso|gate)/u.test(to)) return [];
    return [bindingText(from || file, name, version, to || file)];
  });
  const firstUnused = lines.indexOf('Unused direct dependencies:') + 1;
  const afterUnused = lines.findIndex((line, index) => index >= firstUnused && !line.startsWith('\t'));
  return {
    undefined: distinct(matches(/^undefined symbol: .*\t\(.*\)$/u).map(([line]) => line)),
    unused: firstUnused === 0 ? [] : lines.slice(firstUnused, afterUnused).map(line => line.slice(1)),
    bindings: distinct(bindings),
    copies: distinct(
      matches(/: Symbol `(.*)' has different size in shared object, consider re-linking$/u).map(
        ([, name = '']) => name,
      ),
    ),
    error: /^Inconsistency detected by ld\.so: .*check_match/mu.test(text)
      ? 'assertion'
      : crashed
        ? 'crash'
        : (matches(/: error while loading shared libraries: (.*)$/u)[0]?.[1] ?? null),
  };
}

function distinct(lines: readonly string[]): readonly string[] {
  return [...new Set(lines)].sort();
}

export function bindingText(from: string, name: string, version: string | null, to: string): string {
  return `${from} ${name}${version === null ? '' : ` [${version}]`} => ${to}`;
}
