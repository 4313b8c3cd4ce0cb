import { numericCauses } from '../../numeric/causes/numeric-causes.ts';
import { displayText } from '../../protocol/display-text.ts';
import type { ByteText } from '../../protocol/elf.ts';
import { absolutePath } from '../paths.ts';
import { type ConditionFlags, treeOptionsOf } from '../tree-flags.ts';
import { exitCodeOf, type VerbContext } from '../verb.ts';
import { printFindings } from './columns.ts';

const titles = { blas: 'BLAS', lapack: 'LAPACK', openmp: 'OpenMP' } as const;

export async function showCauses(
  { printer, format, signal }: VerbContext,
  file: ByteText,
  conditions: ConditionFlags,
): Promise<number> {
  const causes = await numericCauses(absolutePath(file), treeOptionsOf(conditions), signal);
  if (format === 'json') {
    printer.json({ schema: 'binary-detective/numeric-causes@1', ...causes });
    return exitCodeOf(causes.findings);
  }
  printer.line(displayText(causes.path));
  for (const { runtime, implementation, path, symbol, way } of causes.runtimes)
    printer.line(
      `  ${titles[runtime]}: ${displayText(path)} (${implementation}, by its symbol ${displayText(symbol)}), loaded by ${
        way
          .slice(0, -1)
          .map(step => displayText(step))
          .join(' → ') || 'nobody: it is the file itself'
      }`,
    );
  if (causes.runtimes.length === 0) printer.line('  No BLAS, LAPACK or OpenMP among what it loads.');
  printFindings(printer, causes.findings);
  if (causes.findings.length === 0)
    printer.line('  Nothing in it switches subnormal numbers off, and no runtime is there twice.');
  return exitCodeOf(causes.findings);
}
