import { readFileSync } from 'node:fs';
import type { FaultTarget } from '../../protocol/fault-targets.ts';
import { absolutePath, type Entry, FieldProblem, type FieldReader, fieldReader, isEntry } from './fields.ts';
import type { VariableScope } from './variables.ts';

/** Debuggers of C and C++ programs, by the `type` of launch.json: cpptools, CodeLLDB, LLVM's lldb-dap, and those of gdb. */
const debuggers: ReadonlySet<unknown> = new Set(['cppdbg', 'lldb', 'lldb-dap', 'lldb-vscode', 'gdb']);

/** Whether an entry of launch.json is the launch of a C or C++ program. What attaches, or debugs something else, is none. */
export function isNativeLaunch(entry: unknown): entry is Entry {
  if (!isEntry(entry) || !debuggers.has(entry['type']) || entry['request'] !== 'launch') return false;
  // CodeLLDB takes "cargo" in place of a program, and custom launches are commands of the debugger.
  const { coreDumpPath, pipeTransport, miDebuggerServerAddress, custom, cargo } = entry;
  return [coreDumpPath, pipeTransport, miDebuggerServerAddress, custom, cargo].every(value => value === undefined);
}

/** The program of a launch configuration. Throws FieldProblem. */
export function launchTarget(configuration: Entry, scope: VariableScope): FaultTarget {
  const { linux } = configuration;
  // VS Code lays the part of this platform over the rest.
  const entry = isEntry(linux) ? { ...configuration, ...linux } : configuration;
  const fields = fieldReader(entry, scope);
  // gdb's MI extension calls it "target" and "arguments".
  const program = fields.text('program') ?? fields.text('target');
  if (program === undefined || program === '') throw new FieldProblem('"program" is missing.');
  const cwd = absolutePath(fields.text('cwd') ?? scope.folder, scope.folder);
  const { args, stdin } = argumentsOf(entry, fields);
  const env = { ...environmentFile(fields, cwd), ...environmentOf(entry, fields) };
  const input = stdin ?? stdioOf(entry, fields);
  return {
    id: '',
    name: fields.text('name') ?? program,
    source: 'launch',
    program: {
      command: [program.includes('/') ? absolutePath(program, cwd) : program, ...args],
      cwd,
      ...(Object.keys(env).length > 0 && { env }),
      ...(input !== undefined && { stdin: absolutePath(input, cwd) }),
    },
  };
}

/** A list, or one text that is split at spaces. "<", FILE at its end is what cpptools and gdb's shell take as redirection. */
function argumentsOf(
  entry: Entry,
  fields: FieldReader,
): { readonly args: readonly string[]; readonly stdin: string | undefined } {
  const name = entry['args'] === undefined && entry['arguments'] !== undefined ? 'arguments' : 'args';
  const value = entry[name];
  const words = typeof value === 'string' ? splitWords(fields.expand(value, name), name) : (fields.texts(name) ?? []);
  const at = words.indexOf('<');
  if (at < 0) return { args: words, stdin: undefined };
  const file = words[at + 1];
  if (file === undefined) throw new FieldProblem(`"${name}": no file stands behind "<".`);
  return { args: words.toSpliced(at, 2), stdin: file };
}

/** As a shell splits words, without anything else that a shell does. */
function splitWords(text: string, name: string): readonly string[] {
  const words: string[] = [];
  const pattern = /\s*((?:'[^']*'|"(?:[^"\\]|\\.)*"|\\.|[^\s'"\\])+)/suy;
  while (pattern.lastIndex < text.trimEnd().length) {
    const match = pattern.exec(text);
    if (match === null) throw new FieldProblem(`"${name}": a quotation mark is not closed.`);
    const [, word = ''] = match;
    words.push(
      word.replace(
        /'([^']*)'|"((?:[^"\\]|\\.)*)"|\\(.)/gsu,
        (_whole, single?: string, double?: string, escaped?: string) =>
          single ?? double?.replace(/\\(["\\$`])/gu, '$1') ?? escaped ?? '',
      ),
    );
  }
  return words;
}

/** cpptools: `environment: [{name, value}]`; the others `env`: an object, or a list of NAME=VALUE. */
function environmentOf(entry: Entry, fields: FieldReader): Readonly<Record<string, string>> {
  const { env, environment } = entry;
  const list = Array.isArray(env) ? env : environment;
  if (!Array.isArray(list)) return fields.map('env') ?? {};
  const name = Array.isArray(env) ? 'env' : 'environment';
  const pairs = list.map((item: unknown): readonly [string, string] => {
    if (typeof item === 'string' && item.indexOf('=') > 0) {
      return [item.slice(0, item.indexOf('=')), fields.expand(item.slice(item.indexOf('=') + 1), name)];
    }
    if (!isEntry(item) || typeof item['name'] !== 'string' || typeof item['value'] !== 'string') {
      throw new FieldProblem(`"${name}" must be a list of names and values.`);
    }
    return [item['name'], fields.expand(item['value'], name)];
  });
  return Object.fromEntries(pairs);
}

/** NAME=VALUE lines; "#" begins a comment line. */
function environmentFile(fields: FieldReader, cwd: string): Readonly<Record<string, string>> {
  const file = fields.text('envFile');
  if (file === undefined || file === '') return {};
  let text: string;
  try {
    text = readFileSync(absolutePath(file, cwd), 'utf8');
  } catch {
    throw new FieldProblem(`"envFile": ${file} cannot be read.`);
  }
  const lines = text.matchAll(/^[ \t]*(?:export[ \t]+)?([A-Za-z_]\w*)[ \t]*=[ \t]*(.*?)[ \t]*$/gmu);
  return Object.fromEntries(
    [...lines].map(([, name = '', value = '']) => [name, value.replace(/^(["'])(.*)\1$/u, '$2')]),
  );
}

/** CodeLLDB and lldb-dap: where the standard streams lead; the first, or "stdin", is standard input. */
function stdioOf(entry: Entry, fields: FieldReader): string | undefined {
  const { stdio } = entry;
  const first: unknown = Array.isArray(stdio) ? stdio[0] : isEntry(stdio) ? stdio['stdin'] : undefined;
  return typeof first === 'string' && first !== '' ? fields.expand(first, 'stdio') : undefined;
}
