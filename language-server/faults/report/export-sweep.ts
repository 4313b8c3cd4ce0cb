import type { FaultExportFormat, FaultSweep } from '../../protocol/faults.ts';
import { sweepAsHtml } from './html.ts';
import { sweepAsJunit } from './junit.ts';
import { sweepAsSarif } from './sarif.ts';

export interface ExportOptions {
  /** Our own. */
  readonly version: string;
  /** Folder to which paths in SARIF are relative; absent: the working one. */
  readonly root?: string | undefined;
}

/** The text of a file that holds a sweep. */
export async function exportSweep(
  sweep: FaultSweep,
  format: FaultExportFormat,
  { version, root }: ExportOptions,
): Promise<string> {
  switch (format) {
    case 'json':
      return `${JSON.stringify({ schema: 'binary-detective/faults@1', ...sweep }, null, 2)}\n`;
    case 'sarif':
      return `${JSON.stringify(await sweepAsSarif(sweep, version, root), null, 2)}\n`;
    case 'junit':
      return sweepAsJunit(sweep);
    case 'html':
      return sweepAsHtml(sweep);
  }
}
