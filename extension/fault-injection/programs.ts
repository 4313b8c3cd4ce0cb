import type { FaultProgram } from '../../language-server/protocol/faults.ts';

/** A program of the setting `binaryDetective.faults.programs`, or one that was chosen in the explorer. */
export interface NamedProgram {
  readonly name: string;
  readonly program: FaultProgram;
}

export interface ParsedPrograms {
  readonly programs: readonly NamedProgram[];
  /** One sentence for each entry that was not taken. */
  readonly problems: readonly string[];
}

/**
 * The setting's value, typed by hand by a person, as programs. `${workspaceFolder}` stands for the folder that the setting
 * belongs to; a relative `cwd` and a relative program with a slash are taken from there.
 * @param value Anything at all.
 */
export function parsePrograms(value: unknown, workspaceFolder: string): ParsedPrograms {
  if (value === undefined || value === null) return { programs: [], problems: [] };
  if (!Array.isArray(value)) return { programs: [], problems: ['binaryDetective.faults.programs is not a list.'] };
  const programs: NamedProgram[] = [];
  const problems: string[] = [];
  const names = new Set<string>();
  for (const [index, entry] of value.entries()) {
    const parsed = parseProgram(entry, workspaceFolder);
    const where = `binaryDetective.faults.programs, entry ${index + 1}`;
    if (typeof parsed === 'string') problems.push(`${where}: ${parsed}`);
    else if (names.has(parsed.name)) problems.push(`${where}: the name "${parsed.name}" is there twice.`);
    else {
      names.add(parsed.name);
      programs.push(parsed);
    }
  }
  return { programs, problems };
}

/** The program, or why it is none. */
function parseProgram(entry: unknown, workspaceFolder: string): NamedProgram | string {
  if (!isRecord(entry)) return 'it is not an object.';
  const { name, command, cwd, env, build } = entry;
  if (!isTexts(command) || command.length === 0) return '"command" must be a list of texts, the program first.';
  if (cwd !== undefined && typeof cwd !== 'string') return '"cwd" must be a text.';
  if (build !== undefined && !isTexts(build)) return '"build" must be a list of texts, the program first.';
  if (env !== undefined && !(isRecord(env) && isTexts(Object.values(env)))) return '"env" must map names to texts.';
  const expand = (text: string): string => text.replaceAll(`\${workspaceFolder}`, workspaceFolder);
  const folder = absolute(expand(cwd ?? workspaceFolder), workspaceFolder);
  return {
    name: typeof name === 'string' && name !== '' ? name : command.join(' '),
    program: {
      command: command.map(expand),
      cwd: folder,
      ...(env !== undefined && { env: mapValues(env as Readonly<Record<string, string>>, expand) }),
      ...(build !== undefined && build.length > 0 && { build: build.map(expand) }),
    },
  };
}

function absolute(path: string, base: string): string {
  return path.startsWith('/') ? path : `${base}/${path}`;
}

function mapValues(
  record: Readonly<Record<string, string>>,
  change: (value: string) => string,
): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, change(value)]));
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every(element => typeof element === 'string');
}
