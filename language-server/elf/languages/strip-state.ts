import type { ByteText } from '../../protocol/elf.ts';

export interface StripVerdict {
  /**
   * `debug`: with debug information. `symbols`: with a symbol table. `mini-debug`: stripped, but with a compressed symbol table
   * for backtraces. `stripped`: with none of them. `unknown`: without section headers.
   */
  readonly verdict: 'debug' | 'symbols' | 'mini-debug' | 'stripped' | 'unknown';
  readonly evidence: readonly string[];
}

/** By the names of the sections. */
export function stripVerdict(sectionNames: readonly ByteText[]): StripVerdict {
  const named = (...names: readonly string[]): readonly string[] => sectionNames.filter(name => names.includes(name));
  if (sectionNames.every(name => name === ''))
    return { verdict: 'unknown', evidence: ['there are no section headers'] };
  const debug = named('.debug_info', '.zdebug_info', '.stab', '.ctf', '.BTF');
  if (debug.some(name => name !== '.ctf' && name !== '.BTF')) return { verdict: 'debug', evidence: debug };
  const symbols = named('.symtab');
  if (symbols.length > 0) return { verdict: 'symbols', evidence: [...symbols, ...debug] };
  const mini = named('.gnu_debugdata');
  if (mini.length > 0) return { verdict: 'mini-debug', evidence: mini };
  return { verdict: 'stripped', evidence: ['no .symtab', ...named('.gnu_debuglink', '.gnu_debugaltlink')] };
}
