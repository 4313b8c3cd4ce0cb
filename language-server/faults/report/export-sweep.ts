import type { FaultExportFormat, FaultSweep } from '../../protocol/faults.ts';
import { sweepAsHtml } from './html.ts';
import { sweepAsJunit } from './junit.ts';
import { sweepAsSarif } from './sarif.ts';

/** The text of a file that holds a sweep. @param root Folder to which paths in SARIF are relative; default: the working one. */
export async function exportSweep(sweep: FaultSweep, format: FaultExportFormat, root?: string): Promise<string> {
  switch (format) {
    case 'json':
      return `${JSON.stringify({ schema: 'binary-detective/faults@1', ...sweep }, null, 2)}\n`;
    case 'sarif':
      return `${JSON.stringify(await sweepAsSarif(sweep, root), null, 2)}\n`;
    case 'junit':
      return sweepAsJunit(sweep);
    case 'html':
      return sweepAsHtml(sweep);
  }
}
