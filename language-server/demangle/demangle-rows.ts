import type { ElfRow, ElfRows } from '../protocol/elf.ts';
import type { Finding } from '../protocol/finding.ts';
import type { Demangler } from './demangler.ts';

/**
 * The rows of a page, each whose name is mangled with what it reads demangled. Without c++filt the names stay mangled, and a
 * finding says why. Rejects with what the signal is aborted with.
 *
 * @param column Place of the column with the names; -1: the table has none.
 */
export async function demangleRows(
  demangler: Demangler,
  page: ElfRows,
  column: number,
  signal: AbortSignal,
): Promise<ElfRows> {
  if (column < 0) return page;
  const mangled = page.rows.map(({ cells }) => cells[column] ?? '');
  const { names, missing } = await demangler.demangle(mangled, signal);
  const rows = page.rows.map((row, at): ElfRow => {
    const demangled = names[at];
    return demangled === undefined || demangled === mangled[at] ? row : { ...row, demangled };
  });
  if (missing === null) return { ...page, rows };
  const finding: Finding = {
    code: 'elf/names-mangled',
    severity: 'information',
    message: `Names of C++, Rust and D are shown mangled: ${missing.message}`,
  };
  return { ...page, rows, findings: [...page.findings, finding] };
}
